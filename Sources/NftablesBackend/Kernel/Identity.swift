import RuleIR

/// What our table says of itself.
///
/// It is a set whose elements carry comments: comments of tables and chains are lost in 1.0.6's
/// JSON, and elements outlive `nft flush table`.
struct Identity: Hashable, Sendable {
    static let setName = "identity"
    private static let none = "none"

    var version: String
    /// Of the table without this set.
    var digest: String
    /// The loopback address that was added for the rules.
    var ownedAlias: LoopbackAlias?

    init(version: String, digest: String, ownedAlias: LoopbackAlias?) {
        self.version = version
        self.digest = digest
        self.ownedAlias = ownedAlias
    }

    var set: NftSet {
        let alias = ownedAlias?.token ?? Self.none
        return NftSet(
            types: [.mark], name: Self.setName, isInterval: false,
            elements: [
                .note(1, "made by tproxy \(version)"), .note(2, "digest \(digest)"),
                .note(3, "address \(alias)"),
            ])
    }

    /// Reads the set of a listing; nil when it isn't one of ours.
    init?(_ set: JSONValue) {
        var words: [String: String] = [:]
        for element in set["elem"]?.array ?? [] {
            guard let comment = element["elem"]?["comment"]?.string else { continue }
            let parts = comment.split(separator: " ").map(String.init)
            guard parts.count >= 2 else { continue }
            words[parts[0]] = parts[parts.count - 1]
        }
        guard let version = words["made"], let digest = words["digest"] else { return nil }
        self.version = version
        self.digest = digest
        if let alias = words["address"], alias != Self.none {
            guard let owned = LoopbackAlias(token: alias) else { return nil }
            ownedAlias = owned
        }
    }
}
