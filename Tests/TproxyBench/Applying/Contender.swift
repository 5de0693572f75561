/// A way to load the same rules into the kernel.
enum Contender: String, CaseIterable {
    case tproxy
    /// `nft -f` of the text that `tproxy plan` writes.
    case nft
    /// `nft -f` of the table alone, while it isn't loaded.
    case nftNew = "nft-new"
    /// `nft -j -f` of the JSON that `tproxy plan` writes.
    case nftJSON = "nft-json"
    /// The iptables programs as kumactl runs them; its own time isn't counted.
    case kumactl
    /// The same without its queries.
    case kumactlRules = "kumactl-rules"
    /// nftables with one rule for each excluded prefix, as Istio and Consul write it.
    case perItem = "rule-per-item"

    var title: String {
        switch self {
        case .tproxy: "tproxy"
        case .nft: "nft -f"
        case .nftNew: "nft -f, new table"
        case .nftJSON: "nft -j -f"
        case .kumactl: "kumactl's sequence"
        case .kumactlRules: "without its queries"
        case .perItem: "rule per item"
        }
    }

    static let others = allCases.filter { $0 != .tproxy }

    /// Its cases for a list of `size` exclusions, in the order of a round.
    func cases(_ size: Int) -> [ApplyCase] {
        switch self {
        case .nftNew: [.first]
        case .tproxy, .nft, .nftJSON, .kumactl, .kumactlRules, .perItem: ApplyCase.all(size)
        }
    }
}

/// The state before rules are applied.
enum ApplyCase: String, CaseIterable {
    /// Nothing is loaded.
    case first
    /// The same rules are loaded.
    case same
    /// Rules with one different excluded prefix are loaded.
    case one

    /// The cases for a list of `size` exclusions.
    static func all(_ size: Int) -> [ApplyCase] {
        allCases.filter { $0 != .one || size > 0 }
    }

    var title: String {
        switch self {
        case .first: "first apply"
        case .same: "same again"
        case .one: "one changed"
        }
    }
}
