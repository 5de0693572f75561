import Addressing
import Foundation
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

@testable import IptablesRules

/// What iptables-nft-save(8) listed of a scenario means to every packet what the scenario means.
@Suite struct ReadBackTests {
    /// The recorded listing, by family.
    private func listings(_ scenario: Scenario) throws -> [AddressFamily: SavedText] {
        let text = try String(
            contentsOfFile: scenario.path(of: "listed-by-iptables.txt"), encoding: .utf8)
        var texts: [AddressFamily: String] = [:]
        var family = AddressFamily.ipv4
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") { family = line.contains("ip6tables") ? .ipv6 : .ipv4 }
            texts[family, default: ""] += line + "\n"
        }
        return try texts.mapValues { try SavedText($0) }
    }

    private func packets(_ family: AddressFamily, _ ruleset: Ruleset) throws -> [Packet] {
        var addresses =
            family == .ipv4
            ? ["203.0.113.1", "127.0.0.1", "127.0.0.2", "10.9.1.1", "172.17.0.9", "192.168.7.7"]
            : ["2001:db8::1", "::1", "fd00:7::1", "fd00:9::1"]
        for set in ruleset.sets {
            guard case .addresses(family, let members) = set.members else { continue }
            addresses += members.map { "\($0.value.address)" }
        }
        let ports: [UInt32] = [22, 25, 53, 80, 443, 3306, 8005, 9005]
        let users: [UInt32?] = [nil, 0, 1500, 1650, 1700, 1750, 5678, 1_000_680_000]
        var packets: [Packet] = []
        for address in addresses {
            for port in ports {
                for transport in TransportProtocol.allCases {
                    for user in users {
                        packets.append(try .out(transport, to: address, port, uid: user))
                        packets.append(
                            try .out(transport, to: address, port, uid: user, via: "lo"))
                    }
                    for interface in ["eth0", "docker0", "br-1"] {
                        packets.append(try .in(transport, to: address, port, on: interface))
                        packets.append(
                            try .in(
                                transport, from: address, sourcePort: 53, to: addresses[0], port,
                                on: interface))
                    }
                }
            }
        }
        return packets
    }

    @Test(arguments: Scenario.all)
    func everyPacketMeetsTheSame(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let wanted = RuleTrace(ruleset)
        for (family, saved) in try listings(scenario) {
            let parts = IptablesTable.allCases.compactMap { table in
                saved.table(table).map { found in
                    (
                        table: table,
                        hooked: found.rules.filter { !$0.chain.hasPrefix("KUMA_MESH_") },
                        own: found.rules.filter { $0.chain.hasPrefix("KUMA_MESH_") }
                    )
                }
            }
            let loaded = RuleTrace(try ReadBack.ruleset(family, parts))
            for packet in try packets(family, ruleset) {
                let expected = wanted.explain(packet)
                let found = loaded.explain(packet)
                #expect(found.outcome == expected.outcome, "\(packet)")
                #expect(found.conntrackZone == expected.conntrackZone, "\(packet)")
                guard ruleset.hasComments else { continue }
                #expect(found.decisive?.rule.rationale == expected.decisive?.rule.rationale)
            }
        }
    }

    @Test(arguments: [
        "-A OUTPUT -p sctp -j RETURN", "-A OUTPUT -m limit --limit 1/s -j RETURN",
        "-A OUTPUT -j MASQUERADE", "-A OUTPUT -m owner --uid-owner 1-2 -j RETURN",
    ])
    func whatTheIRCantSayIsAnError(line: String) throws {
        let saved = try SavedText("*nat\n\(line)\n")
        let rules = try #require(saved.table(.nat)).rules
        #expect(throws: ReadBack.Inexpressible(line: line)) {
            try ReadBack.ruleset(.ipv4, [(.nat, rules, [])])
        }
    }
}
