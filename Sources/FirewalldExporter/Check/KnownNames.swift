/// The chains and targets that exist without an element that creates them.
enum KnownNames {
    /// The built-in chains of each table in firewalld 1.3 (`BUILT_IN_CHAINS`).
    private static let tables: [String: [String]] = [
        "security": ["INPUT", "OUTPUT", "FORWARD"],
        "raw": ["PREROUTING", "OUTPUT"],
        "mangle": ["PREROUTING", "POSTROUTING", "INPUT", "OUTPUT", "FORWARD"],
        "nat": ["PREROUTING", "POSTROUTING", "OUTPUT"],
        "filter": ["INPUT", "OUTPUT", "FORWARD"],
    ]

    private static let bridgeTables: [String: [String]] = [
        "broute": ["BROUTING"],
        "nat": ["PREROUTING", "POSTROUTING", "OUTPUT"],
        "filter": ["INPUT", "OUTPUT", "FORWARD"],
    ]

    /// Returns the built-in chains by table; nil for a family that firewalld doesn't have.
    static func tables(of ipv: String) -> [String: [String]]? {
        switch ipv {
        case "ipv4", "ipv6": tables
        case "eb": bridgeTables
        case _: nil
        }
    }

    /// Verdicts, and the targets of iptables-extensions(8) and ebtables(8).
    static let targets: Set<String> = [
        "ACCEPT", "AUDIT", "CHECKSUM", "CLASSIFY", "CLUSTERIP", "CONNMARK", "CONNSECMARK",
        "CONTINUE", "CT", "DNAT", "DNPT", "DROP", "DSCP", "ECN", "HL", "HMARK", "IDLETIMER", "LED",
        "LOG", "MARK", "MASQUERADE", "NETMAP", "NFLOG", "NFQUEUE", "NOTRACK", "QUEUE", "RATEEST",
        "REDIRECT", "REJECT", "RETURN", "SECMARK", "SET", "SNAT", "SNPT", "SYNPROXY", "TCPMSS",
        "TCPOPTSTRIP", "TEE", "TOS", "TPROXY", "TRACE", "TTL", "ULOG", "arpreply", "dnat", "mark",
        "redirect", "snat",
    ]
}
