package import Addressing
package import IptablesRules
import TextSearch

/// An element of `direct.xml` (firewalld.direct(5)).
package enum DirectElement: Hashable, Sendable {
    /// Creates a chain.
    case chain(DirectTable, name: String)
    /// Adds a rule to a chain; `priority` orders the direct rules of the chain.
    case rule(DirectTable, chain: String, priority: Int32, arguments: [String])
}

/// A table of one family.
package struct DirectTable: Hashable, Sendable {
    package var family: AddressFamily
    package var table: IptablesTable

    package init(_ family: AddressFamily, _ table: IptablesTable) {
        self.family = family
        self.table = table
    }
}

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
        text.replacing(text: "&", with: "&amp;").replacing(text: "<", with: "&lt;")
            .replacing(text: ">", with: "&gt;")
    }
}
