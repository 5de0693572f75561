import RuleIR

/// What `remove` did, for programs.
struct RemoveReport: JSONReport {
    static let schema = "tproxy.remove/1"

    struct Entry: Encodable {
        var name: String
        var digest: String
        /// The address that had been added for the rules.
        var loopbackAddress: String?

        init(_ installed: InstalledRuleset) {
            name = installed.name
            digest = installed.digest
            loopbackAddress = installed.ownedAlias.map(\.description)
        }
    }

    /// Whether it only says what would be done.
    var isDryRun: Bool
    var removed: [Entry] = []
    /// Addresses that were added for rules that were gone before.
    var addressesLeft: [String]?
    /// firewalld's file that holds our rules no longer.
    var unstored: String?
}
