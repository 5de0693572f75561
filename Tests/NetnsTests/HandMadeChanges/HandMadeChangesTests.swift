import Foundation
import Rehearsal
import Testing
import TproxyTestSupport

/// `diff` reports changes by hand and nothing else, and `apply` repairs them.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct HandMadeChangesTests {
    private static let backends = ["nft", "iptables-nft", "iptables-legacy"]

    @Test(arguments: Scenario.all, backends)
    func diffReportsExactlyTheChangesAndApplyRepairsThem(scenario: Scenario, backend: String)
        async throws
    {
        var numbers = SeededGenerator.forTest()
        print("\(scenario) \(backend): TPROXY_TEST_SEED=\(numbers.seed)")
        try await Sandbox.with { sandbox in
            if scenario.name == "docker-dns", backend != "nft" {
                try await sandbox.shell("\(backend) -t nat -N DOCKER_OUTPUT")
            }
            let options = [
                "--config", "tproxy.yaml", "--facts", "facts.json", "--backend", backend,
            ]
            let diff = ["diff", "--output", "json"] + options
            let folder = scenario.folder.path
            let applied = try await sandbox.tproxy(["apply"] + options, in: folder)
            #expect(applied.status == 0, "\(applied.errors)")
            let changes = try await changes(backend, sandbox, &numbers)
            try await sandbox.shell(
                "set -e\n" + changes.map(\.command).joined(separator: "\n"))
            let found = try await sandbox.tproxy(diff, in: folder)
            #expect(found.status == 2, "\(found.errors)")
            if scenario.name == "everything" {
                #expect(try await JSONSchemaCheck.problems(found.output, "diff-2") == "")
            }
            var named = try Self.named(found.output)
            for change in changes {
                let match = named.firstIndex { name in
                    change.names.contains { name.hasPrefix($0) }
                }
                #expect(match != nil, "\(change) isn't reported: \(named)")
                if let match { named.remove(at: match) }
            }
            #expect(named == [], "seed \(numbers.seed), \(changes)")

            let repaired = try await sandbox.tproxy(["apply"] + options, in: folder)
            #expect(repaired.output.hasPrefix("replaced"), "\(repaired.errors)")
            // It says what was changed by hand, in the form in which the backend lists it.
            #expect(repaired.output.contains("apply undid that"), "\(repaired.output)")

            let same = try await sandbox.tproxy(diff, in: folder)
            #expect(same.status == 0, "\(same.output)\(same.errors)")
            #expect(try Self.named(same.output) == [])
        }
    }

    /// Two to five changes, each of a different chain or set, so that none hides another.
    private func changes(
        _ backend: String, _ sandbox: Sandbox, _ numbers: inout SeededGenerator
    ) async throws -> [HandMadeChange] {
        let chains: [ListedChain]
        var ofSets: [HandMadeChange] = []
        switch backend {
        case "nft":
            chains = try await NftListed.chains(sandbox)
            ofSets = try await NftListed.setChanges(sandbox, &numbers).shuffled(using: &numbers)
        case "iptables-nft": chains = try await IptablesListed.chains("nft", sandbox)
        case _: chains = try await IptablesListed.chains("legacy", sandbox)
        }
        let wanted = Int.random(in: 2...4, using: &numbers)
        var changes = Array(ofSets.prefix(1))
        for chain in chains.shuffled(using: &numbers) where changes.count <= wanted {
            guard let kind = ListedChain.Kind.allCases.randomElement(using: &numbers),
                let change = chain.change(kind, &numbers)
            else { continue }
            changes.append(change)
        }
        try #require(!changes.isEmpty)
        return changes
    }

    /// Each difference in the form of `HandMadeChange`.
    private static func named(_ json: String) throws -> [String] {
        struct Report: Decodable {
            struct Rule: Decodable {
                var condition: String
            }
            struct RuleChange: Decodable {
                var change: String
                var number: Int
                var from: Int?
                var rule: Rule
            }
            struct Chain: Decodable {
                var table: String
                var chain: String
                var change: String
                var rules: [RuleChange]
            }
            struct NamedSet: Decodable {
                var set: String
                var change: String
                var added: [String]
                var removed: [String]
            }
            var chains: [Chain]
            var sets: [NamedSet]
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(json.utf8))
        let rules = report.chains.flatMap { chain in
            let place = "\(chain.table) \(chain.chain)"
            return chain.rules.map { rule in
                let number = rule.from.map { "\($0) to \(rule.number)" } ?? "\(rule.number)"
                return "\(place) \(rule.change) \(number): \(rule.rule.condition)"
            } + (chain.change == "kept" ? [] : ["\(place) \(chain.change)"])
        }
        let elements = report.sets.flatMap { set in
            set.added.map { "@\(set.set) added \($0)" }
                + set.removed.map { "@\(set.set) removed \($0)" }
                + (set.change == "kept" ? [] : ["@\(set.set) \(set.change)"])
        }
        return rules + elements
    }
}
