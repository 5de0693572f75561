import Addressing

extension ConfigurationGenerator {
    /// Ports at the ends of ranges, and ports of listeners.
    private static let ports = [
        1, 2, 22, 52, 53, 54, 80, 443, 1023, 1024, 8000, 8079, 8080, 15001, 15006, 15053, 32_767,
        32_768, 65_534, 65_535,
    ]

    /// Users at the ends of ranges, and those next to the proxy's.
    private static let users = [
        0, 1, 999, 1000, 1001, 5677, 5678, 5679, 65_533, 65_534, 65_535, 65_536, 2_147_483_647,
        2_147_483_648, 4_294_967_293, 4_294_967_294,
    ]

    mutating func portNumber() -> Int {
        switch number(0...9) {
        case 0..<6: one(of: Self.ports)
        // Few numbers, so that they repeat or adjoin.
        case 6..<8: number(8000...8020)
        case _: number(1...65_535)
        }
    }

    mutating func port() -> String { "\(portNumber())" }

    mutating func user() -> Int {
        switch number(0...9) {
        case 0..<7: one(of: Self.users)
        case 7..<9: number(1000...1020)
        case _: number(0...4_294_967_294)
        }
    }

    /// A UID, an account name, or nothing.
    mutating func proxyUser() -> String {
        chance(80) ? "\(user())" : one(of: ["", "kuma-dp", "envoy"])
    }

    /// `uids`, `ports:uids` or `protocols:ports:uids`.
    mutating func ownerExclusion() -> String {
        let users = ranges(of: number(1...3)) { $0.user() }
        guard chance(70) else { return users }
        let ports = chance(20) ? one(of: ["*", ""]) : ranges(of: portsLength()) { $0.portNumber() }
        guard chance(70) else { return "\(ports):\(users)" }
        return "\(one(of: ["tcp", "udp", "tcp,udp", "udp,tcp", "*", "", "TCP"])):\(ports):\(users)"
    }

    /// Sometimes more than one iptables rule can have.
    private mutating func portsLength() -> Int { chance(85) ? number(1...4) : number(7...20) }

    /// Values and ranges, which may overlap and repeat.
    private mutating func ranges(
        of count: Int, _ value: (inout ConfigurationGenerator) -> Int
    ) -> String {
        (0..<count).map { _ -> String in
            let ends = [value(&self), value(&self)].sorted()
            return chance(50) ? "\(ends[0])" : "\(ends[0])-\(ends[1])"
        }.joined(separator: ",")
    }

    /// Names for some of the four chains, which differ in more than case.
    mutating func chainNames() -> [String: String] {
        let names = [
            "INBOUND": ["A", "in_1", "INBOUND_", "Inbound18Characters"],
            // Short and long names.
            "OUTBOUND": ["O", "OUT", "_", "123456789012345678"],
        ]
        var variables: [String: String] = [:]
        for (direction, choices) in names.sorted(by: { $0.key < $1.key }) {
            let chosen = String(one(of: choices).prefix(18))
            let variable = "KUMA_TRANSPARENT_PROXY_REDIRECT_\(direction)"
            variables["\(variable)_CHAIN_NAME"] = chosen
            if chance(70) {
                let suffix = one(of: ["_NOT_UID_\(number(1...12))", "_first", "_REDIRECT"])
                let redirect = String((direction.prefix(2) + suffix).prefix(18))
                variables["\(variable)_REDIRECT_CHAIN_NAME"] =
                    chosen.utf8.count < 8 ? chosen + suffix : redirect
            }
        }
        return variables
    }
}
