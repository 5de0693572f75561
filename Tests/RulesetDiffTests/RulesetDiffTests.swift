import Addressing
import RuleIR
import RulesetDiff
import Testing
import TproxyTestSupport

@Suite struct RulesetDiffTests {
    static func rule(
        _ port: Int, _ effect: ListedRule.Effect = .action(.return), _ comment: String? = "c [k]"
    ) throws -> ListedEntry {
        .readable(
            ListedRule(
                matches: [
                    .transport(.tcp), .destinationPort(.port(try #require(Port(port)))),
                ], effect: effect, comment: comment, rationale: Rationale(comment: comment)))
    }

    static func rules(
        _ entries: [ListedEntry], sets: [ListedSet] = [], attachment: HookAttachment? = nil
    ) -> ListedRules {
        ListedRules([
            ListedTable(
                name: "inet t", families: [.ipv4, .ipv6], sets: sets,
                chains: [
                    ListedChain(
                        name: "c", attachment: attachment, entries: entries)
                ])
        ])
    }

    static func differences(
        _ loaded: [ListedEntry], _ planned: [ListedEntry]
    ) -> [RuleDifference] {
        RulesetDiff(from: rules(loaded), to: rules(planned)).chains.flatMap(\.rules)
    }

    @Test func equalRulesetsHaveNoDifferences() throws {
        let entries = try [80, 81, 80].map { try Self.rule($0) }
        #expect(RulesetDiff(from: Self.rules(entries), to: Self.rules(entries)).isEmpty)
    }

    @Test func aRuleThatIsMissingIsAdded() throws {
        let entries = try [80, 81, 82].map { try Self.rule($0) }
        #expect(
            Self.differences([entries[0], entries[2]], entries) == [.added(entries[1], at: 2)])
        #expect(
            Self.differences(entries, [entries[0], entries[2]]) == [.removed(entries[1], at: 2)])
    }

    /// The smallest number of rules is reported as moved.
    @Test func oneRuleThatMovedIsOneMove() throws {
        let entries = try (1...6).map { try Self.rule($0) }
        let loaded = [entries[1], entries[2], entries[3], entries[4], entries[0], entries[5]]
        #expect(Self.differences(loaded, entries) == [.moved(entries[0], from: 5, to: 1)])
    }

    /// Of two equal rules only one is reported.
    @Test func equalRulesArePairedOneToOne() throws {
        let entries = try [80, 80, 81].map { try Self.rule($0) }
        #expect(
            Self.differences([entries[0], entries[2]], entries) == [.added(entries[1], at: 2)])
    }

    @Test func aRuleWithAnotherActionIsChanged() throws {
        let before = try Self.rule(80)
        let after = try Self.rule(80, .action(.drop))
        #expect(Self.differences([before], [after]) == [.changed(from: before, to: after, at: 1)])
        let comment = try Self.rule(80, .action(.return), "d [k]")
        #expect(
            Self.differences([before], [comment]) == [.changed(from: before, to: comment, at: 1)])
    }

    @Test func rulesThatAreNotAlikeAreRemovedAndAdded() throws {
        let before = try Self.rule(80, .action(.return), "one [k]")
        let after = try Self.rule(81, .action(.return), "two [k]")
        #expect(
            Self.differences([before], [after])
                == [.added(after, at: 1), .removed(before, at: 1)])
    }

    @Test func aChainAtAnotherPriorityDiffers() throws {
        let before = HookAttachment(type: "nat", hook: .output, priority: -101)
        let after = HookAttachment(type: "nat", hook: .output, priority: -90)
        let diff = RulesetDiff(
            from: Self.rules([], attachment: before), to: Self.rules([], attachment: after))
        #expect(diff.chains.map(\.formerAttachment) == [.some(before)])
        #expect(diff.chains.map(\.attachment) == [after])
    }

    /// Sets are compared by their elements, however these are written.
    @Test(arguments: [
        (["10.0.0.0/9", "10.128.0.0/9"], ["10.0.0.0/8"], [], []),
        (["10.0.0.0/8"], ["10.0.0.0/9"], [], ["10.128.0.0/9"]),
        ([], ["192.0.2.1"], ["192.0.2.1"], []),
        (["192.0.2.1", "192.0.2.3"], ["192.0.2.0/30"], ["192.0.2.0", "192.0.2.2"], []),
        (["0.0.0.0/0"], ["0.0.0.0/1", "128.0.0.0/1"], [], []),
    ])
    func setsAreComparedByTheirElements(
        loaded: [String], planned: [String], added: [String], removed: [String]
    ) throws {
        func set(_ prefixes: [String]) -> ListedSet {
            .readable(
                NamedSet(
                    SetName("s"),
                    .addresses(
                        .ipv4, prefixes.compactMap { IPPrefix($0) }.map { .init($0, source: "") })))
        }
        let diff = RulesetDiff(
            from: Self.rules([], sets: [set(loaded)]), to: Self.rules([], sets: [set(planned)]))
        #expect(diff.sets.flatMap(\.added).map(\.description) == added)
        #expect(diff.sets.flatMap(\.removed).map(\.description) == removed)
        #expect(diff.isEmpty == (added.isEmpty && removed.isEmpty))
    }

    @Test func aSetOfAnotherKindIsReported() {
        let ports = ListedSet.readable(NamedSet(SetName("s"), .ports([])))
        let native = ListedSet.native(name: "s", type: "ether_addr")
        let diff = RulesetDiff(
            from: Self.rules([], sets: [native]), to: Self.rules([], sets: [ports]))
        #expect(diff.sets.map(\.presence) == [.ofOtherKind])
    }

    @Test(.timeLimit(.minutes(15)))
    func aHundredThousandElementsTakeNoTime() throws {
        func set(_ skipped: Int) -> ListedSet {
            .readable(
                NamedSet(
                    SetName("s"),
                    .addresses(
                        .ipv4,
                        (0..<100_000).filter { $0 != skipped }.map { number in
                            .init(
                                IPPrefix(IPAddress(family: .ipv4, bits: UInt128(number * 2))),
                                source: "")
                        })))
        }
        let (old, new) = (Self.rules([], sets: [set(70_000)]), Self.rules([], sets: [set(5)]))
        var diff = RulesetDiff(from: old, to: old)
        let seconds = ProcessorTime.seconds { diff = RulesetDiff(from: old, to: new) }
        #expect(seconds < 60)
        #expect(diff.sets.flatMap(\.added).map(\.description) == ["0.2.34.224"])
        #expect(diff.sets.flatMap(\.removed).map(\.description) == ["0.0.0.10"])
    }
}
