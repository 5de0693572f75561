package import Addressing
package import IptablesRules

/// One element of `direct.xml`, as firewalld.direct(5) has it.
package enum DirectElement: Hashable, Sendable {
    /// Makes a chain.
    case chain(DirectTable, name: String)
    /// Puts a rule into a chain: into its place among the direct rules of that chain by `priority`.
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
