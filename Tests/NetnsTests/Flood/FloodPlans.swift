/// The two plans of a kind of change, and the segments that show how each is applied.
extension FloodKind {
    /// Two configurations.
    ///
    /// Kinds with removal have the same one twice.
    var plans: [String] {
        switch self {
        case .includePorts:
            [[443, 8080], [443, 9090]].map { Self.outbound("includePorts: \($0)") }
        case .excludePorts:
            [[25, 3306], [25, 5432]].map { Self.outbound("excludePorts: \($0)") }
        case .portRanges:
            [8007, 8006].map { [25] + (8000...$0) }.map { Self.outbound("excludePorts: \($0)") }
        case .owners: [1800, 1900].map { Self.outbound(Self.owners("tcp:80:\($0)")) }
        case .ownerRanges:
            ["1800", "1900-1999"].map { Self.outbound(Self.owners("1600-1699", $0)) }
        case .addresses:
            [7, 9].map { Self.outbound("excludePortsForIPs: \(Self.addresses([1, 2, 3, $0]))") }
        case .networks, .networks40, .networks3000, .networks50000:
            [false, true].map { Self.outbound(Self.networks(networkCount, isChanged: $0)) }
        case .plainToRanges: Self.plainToRanges(spare: 0)
        case .longPlainToRanges: Self.plainToRanges(spare: 60)
        case .firstLoad, .firstLoad3000:
            [false, false].map { _ in
                Self.outbound(
                    "excludePorts: \([25] + (8000...8007))", Self.owners("1600-1699"),
                    Self.networks(max(8, networkCount), isChanged: false))
            }
        case .foreign:
            [1800, 1900].map {
                Self.outbound("excludePorts: [25, \($0)]", Self.owners("1600-1699", "\($0)"))
            }
        case .foreign50000:
            [false, true].map { Self.outbound(Self.networks(networkCount, isChanged: $0)) }
        case .inboundIncludePorts:
            [[443, 8080], [443, 9090]].map { Self.inbound("includePorts: \($0)") }
        case .inboundExcludePorts:
            [[25, 3306], [25, 5432]].map { Self.inbound("excludePorts: \($0)") }
        case .inboundNetworks:
            [false, true].map { Self.inbound(Self.networks(networkCount, isChanged: $0)) }
        }
    }

    /// The segments to send, and how both plans treat them.
    var probes: [FloodProbe] {
        switch self {
        case .includePorts:
            [
                .to(443, .redirected),
                .to(80, .bypassed),
                .to(8080, .changing),
            ]
        case .excludePorts:
            [
                .to(443, .redirected),
                .to(25, .bypassed),
                .to(3306, .changing),
            ]
        case .portRanges:
            [
                .to(443, .redirected),
                .to(25, .bypassed),
                .to(8003, .bypassed),
                .to(8007, .changing),
            ]
        case .owners:
            [
                .to(443, .redirected),
                .to(443, by: 1700, .bypassed),
                .to(80, by: 1700, .redirected),
                .to(80, by: 1800, .changing),
            ]
        case .ownerRanges:
            [
                .to(443, .redirected),
                .to(443, by: 1700, .bypassed),
                .to(80, by: 1700, .redirected),
                .to(80, by: 1650, .bypassed),
                .to(80, by: 1800, .changing),
            ]
        case .addresses:
            [
                .to(443, .redirected),
                .to(443, at: Self.address(2), .bypassed),
                .to(443, at: Self.address(7), .changing),
            ]
        case .networks, .networks40, .networks3000, .networks50000, .foreign50000:
            [
                .to(443, .redirected),
                .to(443, at: Self.member(0), .bypassed),
                .to(443, at: Self.member(networkCount - 1), .bypassed),
                .to(443, at: [Self.ipv4(networkCount / 2, host: 5)], .changing),
            ]
        case .plainToRanges, .longPlainToRanges:
            [
                .to(443, .redirected),
                .to(25, .bypassed),
                .to(443, by: 1700, .bypassed),
                .to(80, by: 1700, .redirected),
                .to(443, at: Self.address(2), .bypassed),
                .to(80, by: 1650, .changing),
            ]
        case .firstLoad, .firstLoad3000:
            [
                .to(443, .changing),
                .to(25, .bypassed),
                .to(8003, .bypassed),
                .to(443, by: 1700, .bypassed),
                .to(80, by: 1650, .bypassed),
                .to(443, at: Self.member(0), .bypassed),
                .to(443, at: Self.member(3), .bypassed),
            ]
        case .foreign:
            [
                .to(443, .redirected),
                .to(25, .bypassed),
                .to(443, by: 1700, .bypassed),
                .to(80, by: 1700, .redirected),
                .to(80, by: 1650, .bypassed),
                .to(1800, .changing),
                .to(80, by: 1800, .changing),
            ]
        case .inboundIncludePorts:
            [
                .toHost(443, .redirected),
                .toHost(80, .bypassed),
                .toHost(8080, .changing),
            ]
        case .inboundExcludePorts:
            [
                .toHost(443, .redirected),
                .toHost(25, .bypassed),
                .toHost(3306, .changing),
            ]
        case .inboundNetworks:
            [
                .toHost(443, .bypassed)
            ]
        }
    }

    /// Where segments are sent from.
    var sources: [String] {
        switch self {
        case .inboundNetworks: Self.member(0) + Self.member(networkCount - 1)
        case .inboundIncludePorts, .inboundExcludePorts: FloodProbe.otherAddresses
        case .includePorts, .excludePorts, .portRanges, .owners, .ownerRanges, .addresses,
            .networks, .networks40, .networks3000, .networks50000, .plainToRanges,
            .longPlainToRanges, .firstLoad, .firstLoad3000, .foreign, .foreign50000:
            FloodProbe.hostAddresses
        }
    }
}

extension FloodKind {
    private static func outbound(_ keys: String...) -> String { direction("outbound", keys) }

    private static func inbound(_ keys: String...) -> String { direction("inbound", keys) }

    private static func direction(_ name: String, _ keys: [String]) -> String {
        "redirect:\n  \(name):\n" + keys.map { "    \($0)\n" }.joined()
    }

    /// One owner whose exclusion stays, and others.
    private static func owners(_ others: String...) -> String {
        "excludePortsForUIDs: \(["tcp:443,8000-8010:1700"] + others)"
    }

    /// Plain lists become lists with ranges, each with `spare` more items that stay.
    private static func plainToRanges(spare: Int) -> [String] {
        let ports = [25, 8080, 8082] + (0..<spare).map { 20_000 + 2 * $0 }
        let owners = ["tcp:443:1700"] + (0..<spare).map { "\(30_000 + 2 * $0)" }
        let addresses = addresses(Array(1...3) + (0..<spare).map { 20 + 2 * $0 })
        return [
            outbound(
                "excludePorts: \(ports)", "excludePortsForUIDs: \(owners)",
                "excludePortsForIPs: \(addresses)"),
            outbound(
                "excludePorts: \(ports + [8081])", "excludePortsForUIDs: \(owners + ["1600-1699"])",
                "excludePortsForIPs: \(addresses + ["198.51.100.0/24", "2001:db8:1::/48"])"),
        ]
    }

    /// Addresses of both families, half as many numbers as addresses.
    private static func addresses(_ numbers: [Int]) -> [String] { numbers.flatMap(address) }

    private static func address(_ number: Int) -> [String] {
        ["192.0.2.\(number)", "2001:db8::\(number)"]
    }

    /// Networks of both families that don't adjoin; a change replaces one in the middle.
    private static func networks(_ count: Int, isChanged: Bool) -> String {
        let numbers = (0..<count).map { isChanged && $0 == count / 2 ? count : $0 }
        let texts = numbers.map { number in
            number % 4 == 3
                ? "2001:db8:\(String(number, radix: 16))::/48"
                : "\(ipv4(number, host: 0))/28"
        }
        return "excludePortsForIPs: \(texts)"
    }

    /// Addresses of both families in a network of the list or in its neighbour.
    private static func member(_ number: Int) -> [String] {
        let ipv6 = number | 3
        return [
            ipv4(number % 4 == 3 ? number - 1 : number, host: 5),
            "2001:db8:\(String(ipv6, radix: 16))::5",
        ]
    }

    private static func ipv4(_ number: Int, host: Int) -> String {
        let address = number * 32
        return "10.\(address >> 16 & 255).\(address >> 8 & 255).\((address & 255) + host)"
    }
}
