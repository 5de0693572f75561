import Foundation
import Testing
import TproxyTestSupport

/// The memory of the maps, as `status` reports it.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct EBPFMemoryTests {
    @Test func statusReportsTheMemoryOfEachMap() async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(
                """
                apply >/dev/null 2>&1
                \(Command.tproxy) status --output json
                echo ---
                { echo 'redirect: {outbound: {excludePortsForIPs: ['
                seq 0 9999 | awk '{ printf "10.%d.%d.%d/28,\\n", $1 / 2048, $1 / 8 % 256, $1 % 8 * 32 }'
                echo ']}}'; } >many.yaml
                apply --config many.yaml >/dev/null 2>&1
                \(Command.tproxy) status --output json
                echo ---
                \(Command.tproxy) status | grep ^maps
                \(Command.tproxy) remove >/dev/null
                """, in: sandbox)
            let parts = outcome.output.components(separatedBy: "---\n")
            try #require(parts.count == 3, "\(outcome)")
            for report in parts.prefix(2) {
                #expect(try await JSONSchemaCheck.problems(report, "status-2") == "")
            }
            let (few, many) = (try Self.memory(parts[0]), try Self.memory(parts[1]))
            #expect(
                Set(few.keys).isSuperset(of: [
                    "addresses", "counters", "listeners", "origins", "own_addresses", "pending",
                    "ports", "tproxy_record",
                ]), "\(few)")
            // An element has a key of 24 bytes, a value and the pointers of the trie.
            let elements = try #require(many["addresses"]) - (few["addresses"] ?? 0)
            #expect((10_000 * 40...10_000 * 200).contains(elements), "\(few) \(many)")
            #expect(parts[2].hasPrefix("maps of ") && parts[2].contains(" MB, of which "))
        }
    }

    private static func memory(_ report: String) throws -> [String: Int] {
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any])
        let maps = try #require(document["maps"] as? [[String: Any]])
        return Dictionary(
            maps.compactMap { map in
                guard let name = map["name"] as? String, let memory = map["memory"] as? Int else {
                    return nil
                }
                return (name, memory)
            }, uniquingKeysWith: +)
    }
}
