import Addressing
import Foundation
import Rehearsal
import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// After a partial change, the kernel has the rules of a whole load.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct PartialChangeTests {
    private let backend = NftablesBackend(version: "test")

    /// A large list, ports, owners' flows, and rules that look them up.
    ///
    /// `size` is that of the members; if it is more than 1, the lists are interval sets.
    private func ruleset(
        _ addresses: some Sequence<Int>, family: AddressFamily = .ipv4, ports: [Int] = [80, 443],
        redirect: Int = 15001, size: Int = 1
    ) throws -> Ruleset {
        let because = Rationale("test", key: "test")
        let length = family.bitWidth - size.trailingZeroBitCount
        let prefixes = try addresses.map { number in
            let address = IPAddress(family: family, bits: UInt128(number) * 8)
            return try #require(IPPrefix(address, length: length))
        }
        let ranges = try ports.map { number in
            let first = try #require(Port(number))
            let last = try #require(Port(number + size - 1))
            return try #require(PortRange(first, last))
        }
        let owners = try (0..<6).map { number in
            let first = try #require(UserID(2000 + 10 * number))
            let last = try #require(UserID(1999 + 10 * number + size))
            return try #require(UserIDRange(first, last))
        }
        let flow = OwnedFlow(protocols: [.tcp, .udp], ports: ranges, owners: owners)
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

    /// The table without its identity, and its redirect rules with their handles.
    private func listed() async throws -> (rules: String, handles: [Substring]) {
        try PrivateNamespace.require()
        let text = try await Command.run("nft", ["-a", "list", "table", "inet", "tproxy_mesh"])
        #expect(text.status == 0, "\(text.errors)")
        let rules = TableListing.withoutAddress(
            text.output.replacing(/\tset identity \{[^}]*\}\n\t\}\n/, with: ""))
        return (
            rules.replacing(/\ # handle [0-9]+/, with: ""),
            rules.split(separator: "\n").filter { $0.contains("redirect") }
        )
    }

    /// Loads both in turn, and then the second one alone; nft must list the same.
    private func expectSameAsWhole(
        _ first: Ruleset, _ second: Ruleset, keepsRules: Bool, _ note: Comment = ""
    ) async throws {
        try PrivateNamespace.require()
        _ = try backend.remove(.mesh)
        _ = try backend.apply(first)
        let before = try await listed()
        let outcome = try backend.apply(second)
        guard outcome.change == .replaced else {
            Issue.record(note)
            return
        }
        let changed = try await listed()
        #expect((changed.handles == before.handles) == keepsRules, note)
        let read = try backend.installed(.mesh)
        #expect(read?.isIntact == true, note)
        #expect(read == outcome.installed, note)
        guard try backend.apply(second).change == .unchanged else {
            Issue.record(note)
            return
        }
        _ = try backend.remove(.mesh)
        _ = try backend.apply(second)
        #expect(try await listed().rules == changed.rules, note)
        _ = try backend.remove(.mesh)
    }

    @Test(arguments: AddressFamily.allCases, [1, 4])
    func changeOfOneElementEqualsAWholeLoad(family: AddressFamily, size: Int) async throws {
        let list = 10..<3010
        let plain = try ruleset(list, family: family, size: size)
        try await expectSameAsWhole(
            plain, ruleset(list.dropFirst(), family: family, size: size), keepsRules: true)
        try await expectSameAsWhole(
            plain, ruleset(Array(list) + [5, 4000], family: family, size: size),
            keepsRules: true)
    }

    /// An interval that begins at zero, and one that ends at the highest value.
    @Test(arguments: AddressFamily.allCases)
    func firstAndLastAddressEqualAWholeLoad(family: AddressFamily) async throws {
        let list = 10..<3010
        var ends = try ruleset(list, family: family, size: 2)
        let whole = try #require(IPPrefix(IPAddress(family: family, bits: 0), length: 0))
        let edges = [whole.range.first, whole.range.last].map { IPPrefix($0) }
        guard case .addresses(_, let members) = ends.sets[0].members else {
            Issue.record("the list is no set of addresses")
            return
        }
        ends.sets[0].members = .addresses(
            family, members + edges.map { .init($0, source: "test") })
        let plain = try ruleset(list, family: family, size: 2)
        try await expectSameAsWhole(plain, ends, keepsRules: true)
        try await expectSameAsWhole(ends, plain, keepsRules: true)
    }

    private static let ports = [80, 90, 100, 200, 300, 443]

    @Test(arguments: [1, 4])
    func changedSetsAndRulesEqualAWholeLoad(size: Int) async throws {
        let list = 10..<3010
        func made(
            _ list: some Sequence<Int>, _ ports: [Int] = Self.ports, redirect: Int = 15001
        ) throws -> Ruleset {
            try ruleset(list, ports: ports, redirect: redirect, size: size)
        }
        let plain = try made(list)
        try await expectSameAsWhole(plain, made(list, Self.ports + [500]), keepsRules: true)
        try await expectSameAsWhole(plain, made(list, redirect: 15002), keepsRules: false)
        try await expectSameAsWhole(
            plain, made(list.dropLast(4), Self.ports.dropLast(), redirect: 15002),
            keepsRules: false)
        try await expectSameAsWhole(plain, made(1..<7), keepsRules: true)
        try await expectSameAsWhole(made(1..<7), plain, keepsRules: true)
        try await expectSameAsWhole(plain, made(list.dropFirst(300)), keepsRules: true)
    }

    /// From each way to match a list to each other.
    @Test func changeToAnotherKindOfListEqualsAWholeLoad() async throws {
        let kinds = try [
            ruleset(10..<40, ports: Self.ports), ruleset(10..<40, ports: Self.ports, size: 4),
            ruleset(10..<12, ports: [80, 443], size: 4), ruleset(10..<12, ports: [80]),
        ]
        for old in kinds {
            for new in kinds where new != old {
                try await expectSameAsWhole(
                    old, new, keepsRules: NftTable(old).chains == NftTable(new).chains)
            }
        }
    }

    @Test func randomChangesOfListsEqualAWholeLoad() async throws {
        var random = SeededGenerator.forTest()
        for number in 0..<12 {
            let size = number.isMultiple(of: 2) ? 1 : 4
            let old = Set((0..<3000).map { _ in Int.random(in: 0...9000, using: &random) })
            let gone = old.shuffled(using: &random).prefix(Int.random(in: 1...9, using: &random))
            let come = (0..<9).map { _ in Int.random(in: 0...9000, using: &random) }
            try await expectSameAsWhole(
                ruleset(old.sorted(), size: size),
                ruleset(old.subtracting(gone).union(come).sorted(), size: size),
                keepsRules: true, "TPROXY_TEST_SEED=\(random.seed)")
        }
    }
}
