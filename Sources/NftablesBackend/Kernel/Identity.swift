import RuleIR

/// What our table says of itself.
///
/// It is a set whose elements carry comments: comments of tables and chains are lost in 1.0.6's
/// JSON, and elements outlive `nft flush table`.
struct Identity: Hashable, Sendable {
    static let setName = "identity"
    private static let none = "none"

    /// What the digest is of.
    enum Form: String, Hashable, Sendable {
        /// libnftables' JSON, in versions up to 0.1.
        case listing = "1"
        /// `TableForm`.
        case table = "2"
    }

    var version: String
    /// Of the table without this set.
    var digest: String
    var form = Form.table
    /// The loopback address that was added for the rules.
    var ownedAlias: LoopbackAlias?
    /// What was loaded, in parts; nil in a document, which nobody has loaded yet.
    var record: LoadRecord?

    init(
        version: String, digest: String, ownedAlias: LoopbackAlias?, record: LoadRecord? = nil
    ) {
        self.version = version
        self.digest = digest
        self.ownedAlias = ownedAlias
        self.record = record
    }

    var set: NftSet {
        let alias = ownedAlias?.token ?? Self.none
        let notes =
            ["made by tproxy \(version)", "digest \(form.rawValue) \(digest)", "address \(alias)"]
            + (record?.notes ?? [])
        return NftSet(
            types: [.mark], name: Self.setName, isInterval: false,
            elements: notes.enumerated().map { .note($0.offset + 1, $0.element) })
    }

    /// Reads the comments of the set; nil when it isn't one of ours.
    init?(_ comments: [String]) {
        var words: [String: [String]] = [:]
        var rest: [[String]] = []
        for comment in comments {
            let parts = comment.split(separator: " ").map(String.init)
            guard parts.count >= 2 else { continue }
            words[parts[0]] = parts
            rest.append(parts)
        }
        guard let version = words["made"]?.last, let digest = words["digest"] else { return nil }
        self.version = version
        self.digest = digest[digest.count - 1]
        form = digest.count == 2 ? .listing : .table
        if let alias = words["address"]?.last, alias != Self.none {
            guard let owned = LoopbackAlias(token: alias) else { return nil }
            ownedAlias = owned
        }
        record = LoadRecord(rest)
    }

    /// Whether the same program made both for the same rules.
    func isSame(as other: Identity) -> Bool {
        version == other.version && digest == other.digest && form == other.form
            && ownedAlias == other.ownedAlias
    }
}
