import Addressing
import IptablesRules

/// Writes elements as XML, formatted as firewalld does.
package enum ElementText {
    package static func text(_ element: DirectElement) -> String {
        switch element {
        case .chain(let place, let name):
            "<chain \(attributes(place, name))/>"
        case .rule(let place, let chain, let priority, let arguments):
            "<rule \(attributes(place, chain)) priority=\"\(priority)\">"
                + escaped(ArgumentText.text(arguments)) + "</rule>"
        }
    }

    private static func attributes(_ place: DirectTable, _ chain: String) -> String {
        "ipv=\"\(place.family.rawValue)\" table=\"\(place.table.rawValue)\" chain=\"\(chain)\""
    }

    /// Escapes character data (XML 1.0 section 2.4).
    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;")
    }
}
