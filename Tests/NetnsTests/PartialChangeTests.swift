import Addressing
import Foundation
import Rehearsal
import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// Where only a part of the rules is sent, the kernel has what it would have of the whole.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct PartialChangeTests {
    private let backend = NftablesBackend(version: "test")

    /// A large list, a small one, ports, owners' flows, and rules that ask them.
    private func ruleset(
        _ addresses: some Sequence<Int>, family: AddressFamily = .ipv4, ports: [Int] = [80, 443],
        redirect: Int = 15001
    ) throws -> Ruleset {
        let because = Rationale("test", key: "test")
        let prefixes = addresses.map {
            IPPrefix(IPAddress(family: family, bits: UInt128($0) * 2))
        }
        let ranges = try ports.map { PortRange(try #require(Port($0))) }
        let flow = OwnedFlow(
            protocols: [.tcp], ports: ranges, owners: [UserIDRange(.kumaDefault)])
        let (list, some, flows) = (SetName("list"), SetName("some"), SetName("flows"))
        return Ruleset(
            instance: .mesh, families: [.ipv4, .ipv6],
            sets: [
                NamedSet(list, .addresses(family, prefixes.map { .init($0, source: "test") })),
                NamedSet(some, .ports(ranges.map { .init($0, source: "test") })),
                NamedSet(flows, .ownedFlows([.init(flow, source: "test")])),
            ],
            baseChains: [
                BaseChain(
                    .nat, .output,
                    last: [
                        Rule([.destination(.inSet(list, family))], then: .return, because: because),
                        Rule(
                            [.transport(.tcp), .destinationPort(.set(some))], then: .return,
                            because: because),
                        Rule([.ownedFlow(flows)], then: .return, because: because),
                        Rule(
                            [.transport(.tcp)], then: .redirect(try #require(Port(redirect))),
                            because: because),
                    ])
            ])
    }

    /// The table without its identity, and the handle of its first chain.
    private func listed() async throws -> (rules: String, handles: [Substring]) {
        try PrivateNamespace.require()
        let text = try await Command.run("nft", ["-a", "list", "table", "inet", "tproxy_mesh"])
        #expect(text.status == 0, "\(text.errors)")
        let rules = text.output.replacing(/\tset identity \{[^}]*\}\n\t\}\n/, with: "")
        return (
            rules.replacing(/\ # handle [0-9]+/, with: ""),
            rules.split(separator: "\n").filter { $0.contains("redirect") }
        )
    }

    /// Loads one after the other and then the last one alone; what nft lists must be the same.
    private func expectSameAsWhole(
        _ first: Ruleset, _ second: Ruleset, keepsRules: Bool, _ note: Comment = ""
    ) async throws {
        try PrivateNamespace.require()
        _ = try backend.remove(.mesh)
        _ = try backend.apply(first)
        let before = try await listed()
        guard case .replaced(let replaced) = try backend.apply(second) else {
            Issue.record(note)
            return
        }
        let changed = try await listed()
        #expect((changed.handles == before.handles) == keepsRules, note)
        // Another change in the namespace breaks the seal: everything is read now.
        _ = try await Command.run(
            "nft", ["add table inet passing; delete table inet passing"])
        let read = try backend.installed(.mesh)
        #expect(read?.isIntact == true, note)
        #expect(read == replaced, note)
        guard case .unchanged = try backend.apply(second) else {
            Issue.record(note)
            return
        }
        _ = try backend.remove(.mesh)
        _ = try backend.apply(second)
        #expect(try await listed().rules == changed.rules, note)
        _ = try backend.remove(.mesh)
    }

    @Test(arguments: AddressFamily.allCases)
    func oneElementOfALargeSet(family: AddressFamily) async throws {
        let list = 10..<3010
        try await expectSameAsWhole(
            ruleset(list, family: family), ruleset(list.dropFirst(), family: family),
            keepsRules: true)
        try await expectSameAsWhole(
            ruleset(list, family: family), ruleset(Array(list) + [5, 4000], family: family),
            keepsRules: true)
    }

    /// An interval that begins at zero, and one that ends where there is no value behind.
    @Test(arguments: AddressFamily.allCases)
    func theFirstAndTheLastAddress(family: AddressFamily) async throws {
        let list = 10..<3010
        var ends = try ruleset(list, family: family)
        let whole = try #require(IPPrefix(IPAddress(family: family, bits: 0), length: 0))
        let edges = [whole.range.first, whole.range.last].map { IPPrefix($0) }
        guard case .addresses(_, let members) = ends.sets[0].members else { return }
        ends.sets[0].members = .addresses(
            family, members + edges.map { .init($0, source: "test") })
        let plain = try ruleset(list, family: family)
        try await expectSameAsWhole(plain, ends, keepsRules: true)
        try await expectSameAsWhole(ends, plain, keepsRules: true)
    }

    @Test func smallSetsAndOtherRules() async throws {
        let list = 10..<3010
        let plain = try ruleset(list)
        try await expectSameAsWhole(plain, ruleset(list, ports: [80, 81, 90]), keepsRules: true)
        try await expectSameAsWhole(plain, ruleset(list, redirect: 15002), keepsRules: false)
        try await expectSameAsWhole(
            plain, ruleset(list.dropLast(4), ports: [1], redirect: 15002), keepsRules: false)
        try await expectSameAsWhole(plain, ruleset(1..<6), keepsRules: true)
        try await expectSameAsWhole(ruleset(1..<6), plain, keepsRules: true)
        // More than a sketch can tell.
        try await expectSameAsWhole(plain, ruleset(list.dropFirst(300)), keepsRules: true)
    }

    @Test func listsByChance() async throws {
        var random = SeededGenerator.forTest()
        for _ in 0..<12 {
            let old = Set((0..<3000).map { _ in Int.random(in: 0...9000, using: &random) })
            let gone = old.shuffled(using: &random).prefix(Int.random(in: 1...9, using: &random))
            let come = (0..<9).map { _ in Int.random(in: 0...9000, using: &random) }
            try await expectSameAsWhole(
                ruleset(old.sorted()), ruleset(old.subtracting(gone).union(come).sorted()),
                keepsRules: true, "TPROXY_TEST_SEED=\(random.seed)")
        }
    }
}

/// A seal says when and where nothing was changed since, and is believed nowhere else.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct SealTests {
    /// What was saved, changed and loaded again is read, whatever it says of itself.
    @Test(arguments: ["here", "there"])
    func anEditedListingIsNotBelieved(place: String) async throws {
        try await Sandbox.with { sandbox in
            _ = try await sandbox.tproxy(["apply", "--facts", "-"], input: ApplyTests.facts)
            let listing = try await sandbox.shell("nft list table inet tproxy_mesh")
            #expect(listing.contains("seal "))
            let edited = listing.replacing("redirect to :15001", with: "redirect to :9999")
            try await Sandbox.with { other in
                let target = place == "here" ? sandbox : other
                if place == "here" { try await sandbox.shell("nft delete table inet tproxy_mesh") }
                _ = try await target.run("nft", ["-f", "-"], input: edited)
                let status = try await target.tproxy(["status"])
                #expect(status.status == 2, "\(status.output)")
                let mended = try await target.tproxy(
                    ["apply", "--facts", "-"], input: ApplyTests.facts)
                #expect(mended.output.hasPrefix("replaced"), "\(mended.output)")
                #expect(try await target.tproxy(["status"]).status == 0)
            }
        }
    }

    /// What `plan` prints was loaded by nobody yet.
    @Test func aDocumentHasNone() async throws {
        let plan = try await Command.run(
            Command.tproxy, ["plan", "--format", "nft", "--facts", "-"], input: ApplyTests.facts)
        #expect(plan.output.contains("digest 2 "))
        #expect(!plan.output.contains("seal "))
    }
}
