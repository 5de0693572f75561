import Addressing
import IptablesRules
import RuleIR
import RuleTrace
import Testing

/// Rules of other programs, as iptables-save prints them, and what they do with packets.
@Suite struct ForeignRuleTests {
    private static let host = LocalAddresses(
        loopback: .loopback,
        entries: [
            .init(
                interface: .ethernet, address: IPAddress("192.0.2.1") ?? .localhost(.ipv4),
                prefixLength: 24)
        ])

    /// The outcomes of a packet; with `?` if a rule is in doubt.
    private func outcomes(
        _ rules: String, to address: String = "10.96.0.1", port: Int = 80,
        _ transport: TransportProtocol = .tcp, on addresses: LocalAddresses? = host
    ) throws -> [String] {
        let saved = try SavedText(
            """
            *nat
            :PREROUTING ACCEPT [0:0]
            :OUTPUT ACCEPT [0:0]
            :ONE - [0:0]
            \(rules)
            -A ONE -p tcp -j DNAT --to-destination 10.0.0.1:8080
            COMMIT
            """)
        let read = ListedHookRules(
            [.init(ListedRules(ReadBack.tables(saved, .ipv4)), zonesEnd: false)],
            loopback: .loopback)
        let explanation = RuleTrace(read.rules, on: addresses).explain(
            Packet(
                direction: .outgoing, transport: transport, owner: UserID(1000),
                source: try #require(IPAddress("192.0.2.1")), sourcePort: Port(25),
                destination: try #require(IPAddress(address)),
                destinationPort: try #require(Port(port)), interface: .ethernet))
        let all = [explanation.outcome] + explanation.alternatives.map(\.outcome)
        let mark = explanation.doubts.isEmpty ? "" : "?"
        return all.map { outcome in
            switch outcome {
            case .redirected(let port): "redirected \(port)\(mark)"
            case .translated(let address, let port):
                "\(address.map { "\($0)" } ?? "-") \(port.map { "\($0)" } ?? "-")\(mark)"
            case .bypassed: "bypassed\(mark)"
            case .untouched: "untouched\(mark)"
            case .dropped: "dropped\(mark)"
            }
        }
    }

    @Test(arguments: [
        ("10.0.0.1", ["10.0.0.1 -"]), ("10.0.0.1:81", ["10.0.0.1 81"]), (":81", ["- 81"]),
        ("10.0.0.1-10.0.0.2", ["10.0.0.1 -", "10.0.0.2 -"]),
        ("10.0.0.1:81-82", ["10.0.0.1 81", "10.0.0.1 82"]),
        (
            "10.0.0.1-10.0.0.2:81-82 --random",
            ["10.0.0.1 81", "10.0.0.1 82", "10.0.0.2 81", "10.0.0.2 82"]
        ),
        ("10.0.0.1-10.0.9.9", ["untouched?"]), ("10.0.0.1:81-82/8", ["untouched?"]),
    ])
    func everyTargetOfDNATIsAnOutcome(target: String, expected: [String]) throws {
        #expect(try outcomes("-A OUTPUT -p tcp -j DNAT --to-destination \(target)") == expected)
    }

    @Test func targetsOfIPv6AreRead() throws {
        let saved = try SavedText(
            """
            *nat
            :OUTPUT ACCEPT [0:0]
            -A OUTPUT -p tcp -j DNAT --to-destination [fd00::1]:81
            -A OUTPUT -p tcp -j DNAT --to-destination fd00::1
            COMMIT
            """)
        let table = try #require(ReadBack.tables(saved, .ipv6).first)
        let effects = table.chain(named: "OUTPUT")?.entries.map { entry -> OpaqueRule.Effect? in
            guard case .native(let rule) = entry else { return nil }
            return rule.effect
        }
        #expect(
            effects == [
                .translate(to: IPAddress("fd00::1"), Port(81)),
                .translate(to: IPAddress("fd00::1"), nil),
            ])
    }

    @Test func everyPortOfARedirectIsAnOutcome() throws {
        #expect(
            try outcomes("-A OUTPUT -p tcp -j REDIRECT --to-ports 81-82")
                == ["redirected 81", "redirected 82"])
    }

    @Test(arguments: ["--mode random --probability 0.5", "--mode nth --every 2 --packet 0"])
    func randomMatchHasTwoOutcomes(statistic: String) throws {
        #expect(
            try outcomes(
                """
                -A OUTPUT -m statistic \(statistic) -m comment --comment "a b" -j ONE
                -A OUTPUT -j DROP
                """) == ["10.0.0.1 8080", "dropped"])
    }

    @Test(arguments: [
        ("-m addrtype --dst-type LOCAL", "192.0.2.1", true),
        ("-m addrtype --dst-type LOCAL", "10.96.0.1", false),
        ("-m addrtype ! --dst-type LOCAL", "10.96.0.1", true),
        ("-m addrtype --dst-type BROADCAST", "192.0.2.255", true),
        ("-m addrtype --dst-type UNICAST", "192.0.2.255", false),
        ("-m addrtype --dst-type MULTICAST", "224.0.0.251", true),
        ("-m addrtype --src-type LOCAL", "10.96.0.1", true),
        ("-p tcp -m multiport --dports 22,80:90", "10.96.0.1", true),
        ("-p tcp -m multiport ! --dports 22,80:90", "10.96.0.1", false),
        ("-p tcp -m multiport --ports 25", "10.96.0.1", true),
        ("-p tcp -m multiport --ports 26", "10.96.0.1", false),
        ("-m conntrack --ctstate RELATED,ESTABLISHED", "10.96.0.1", false),
        ("-m conntrack --ctstate NEW,RELATED", "10.96.0.1", true),
        ("-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT", "10.96.0.1", true),
        ("-m mark --mark 0x0/0x1", "10.96.0.1", true),
        ("-m mark ! --mark 0x0", "10.96.0.1", false),
        ("-m connmark --mark 0x1/0x1", "10.96.0.1", false),
        ("-m iprange --dst-range 10.96.0.0-10.96.0.9", "10.96.0.1", true),
        ("-p tcp -m nfacct --nfacct-name web", "10.96.0.1", true),
        ("! -i lo -p tcp", "10.96.0.1", true),
        ("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", "10.96.0.1", true),
        ("-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN", "10.96.0.1", false),
    ])
    func matchOfAnExtensionHoldsAsInTheKernel(
        match: String, address: String, isMet: Bool
    ) throws {
        #expect(
            try outcomes("-A OUTPUT \(match) -j DROP", to: address)
                == [isMet ? "dropped" : "untouched"])
    }

    @Test(arguments: [
        "-m set --match-set blocked dst", "-m string --string x --algo bm",
        "-m owner --gid-owner 5",
        "-m physdev --physdev-is-bridged",
    ])
    func unknownMatchIsInDoubt(match: String) throws {
        #expect(try outcomes("-A OUTPUT \(match) -j DROP") == ["untouched?"])
        // It can't match a packet that another match excludes.
        #expect(try outcomes("-A OUTPUT -p udp \(match) -j DROP") == ["untouched"])
    }

    @Test func addressOfAHostWithUnknownAddressesIsInDoubt() throws {
        let rule = "-A OUTPUT -m addrtype --dst-type LOCAL -j DROP"
        #expect(try outcomes(rule, on: nil) == ["untouched?"])
        #expect(try outcomes(rule, to: "127.0.0.1", on: nil) == ["dropped"])
    }

    @Test(arguments: [
        ("MARK --set-xmark 0x4000/0x4000", "0x4000/0x4000", true),
        ("MARK --set-xmark 0x3/0xffffffff", "0x3", true),
        ("MARK --set-xmark 0x3/0xffffffff", "0x2", false),
        ("MARK --set-xmark 0x4000/0x0", "0x4000/0xf000", true),
        ("CONNMARK --set-xmark 0x9/0xffffffff", "0x9", false),
    ])
    func marksAreFollowed(target: String, test: String, isMet: Bool) throws {
        #expect(
            try outcomes(
                """
                -A OUTPUT -j \(target)
                -A OUTPUT -m mark --mark \(test) -j DROP
                """) == [isMet ? "dropped" : "untouched"])
    }

    @Test func marksOfConnectionsAreSavedAndRestored() throws {
        #expect(
            try outcomes(
                """
                -A OUTPUT -j MARK --set-xmark 0x16/0xffffffff
                -A OUTPUT -j CONNMARK --save-mark --nfmask 0xf --ctmask 0xff
                -A OUTPUT -j MARK --set-xmark 0x0/0xffffffff
                -A OUTPUT -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0x4
                -A OUTPUT -m connmark --mark 0x6 -m mark --mark 0x4 -j DROP
                """) == ["dropped"])
        // A change that the packet may not meet makes the mark unknown.
        #expect(
            try outcomes(
                """
                -A OUTPUT -m set --match-set some dst -j MARK --set-xmark 0x1/0xffffffff
                -A OUTPUT -m mark --mark 0x1 -j DROP
                """) == ["untouched?"])
    }
}
