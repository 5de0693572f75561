/// Why bytes are not XML that firewalld could read, and where.
package struct XMLProblem: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The bytes are not UTF-8, or the declaration names another encoding.
        case notUTF8
        /// A character that XML 1.0 doesn't allow, such as a control character.
        case forbiddenCharacter(UInt16)
        /// Something that begins and doesn't end: a tag, a comment, a quoted value.
        case unterminated(String)
        /// Something else was expected here.
        case expected(String)
        /// `--` inside a comment.
        case dashesInComment
        /// `]]>` in text.
        case sectionEndInText
        /// `&name;` that isn't one of XML's own five.
        case unknownEntity(String)
        /// An attribute that an element has twice.
        case duplicateAttribute(String)
        /// A document type with declarations or a file of its own: entities could grow without end.
        case documentTypeWithDeclarations
        /// A declaration, or a document type, that isn't at the beginning.
        case misplaced(String)
    }

    package var kind: Kind
    /// In bytes from the beginning of the document.
    package var offset: Int
}
