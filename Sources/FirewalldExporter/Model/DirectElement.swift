package import Addressing
package import IptablesRules

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
