import Addressing
import RuleIR

extension AddressFamily {
    /// The header that nft reads addresses from.
    var header: String {
        switch self {
        case .ipv4: "ip"
        case .ipv6: "ip6"
        }
    }
}

extension LogLevel {
    private static let names = [
        "emerg", "alert", "crit", "err", "warn", "notice", "info", "debug",
    ]

    /// nft's name of the severity.
    var nftName: String { Self.names[number] }

    init?(nftName: String) {
        guard let number = Self.names.firstIndex(of: nftName) else { return nil }
        self.init(number)
    }
}

extension InterfacePattern {
    /// The pattern in nft's syntax: `docker*` for `docker+` of iptables.
    var nftText: String { isWildcard ? stem + "*" : stem }
}
