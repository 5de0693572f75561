import JSON

extension JSONValue {
    /// The value as text that may stand in an HTML script element.
    ///
    /// Nothing in it can end the element or begin a comment, and it is JavaScript too.
    var scriptText: String {
        text(.compact) { scalar in
            switch scalar {
            case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{7F}": true
            case _: false
            }
        }
    }
}
