import RuleIR
import Testing

@testable import IptablesRules

/// Our rules are found among equal foreign ones.
@Suite struct OwnRulesTests {
    private static let drop = "-m conntrack --ctstate INVALID -j DROP"

    private func state(_ rules: [String], ownership: [String]) throws -> FamilyState {
        let notes = ["made by tproxy 1", "digest d"].map { "-m comment --comment \"\($0)\"" }
        let lines =
            rules.map { "-A PREROUTING \($0)" }
            + (notes + ownership).map { "-A KUMA_MESH_TPROXY \($0)" }
        return FamilyState(
            try SavedText(
                "*mangle\n:KUMA_MESH_TPROXY - [0:0]\n"
                    + lines.map { "[0:0] \($0)\n" }.joined()))
    }

    private func note(_ text: String) -> String { "-m comment --comment \"\(text)\"" }

    private func numbers(_ state: FamilyState) -> [Int] {
        state.part(.mangle)?.hooked.map(\.number) ?? []
    }

    @Test func theLastOfEqualRulesIsOursAfterAppending() throws {
        let state = try state(
            [Self.drop, "-p tcp -j ACCEPT", Self.drop],
            ownership: [note("rules last in PREROUTING"), Self.drop])
        #expect(numbers(state) == [3])
        #expect(state.part(.mangle)?.duplicates.map(\.number) == [1])
        let removal = Transaction(removing: state, adding: [], nil).text
        #expect(removal.contains("-D PREROUTING 3\n"))
        #expect(!removal.contains("-D PREROUTING -m"))
    }

    @Test func theFirstOfEqualRulesIsOursAfterInserting() throws {
        let state = try state(
            [Self.drop, "-p tcp -j ACCEPT", Self.drop],
            ownership: [note("rules first in PREROUTING"), Self.drop])
        #expect(numbers(state) == [1])
    }

    /// An equal rule was inserted above, but ours are still adjacent.
    @Test func adjacentRulesAreOurs() throws {
        let ours = [Self.drop, "-p udp -j ACCEPT"]
        let state = try state(
            [Self.drop] + ours, ownership: [note("rules first in PREROUTING")] + ours)
        #expect(numbers(state) == [2, 3])
    }

    @Test func separatedRulesAreFoundOneByOne() throws {
        let state = try state(
            [Self.drop, "-p tcp -j ACCEPT", "-p udp -j ACCEPT"],
            ownership: [note("rules first in PREROUTING"), Self.drop, "-p udp -j ACCEPT"])
        #expect(numbers(state) == [1, 3])
        let removal = Transaction(removing: state, adding: [], nil).text
        #expect(removal.contains("-D PREROUTING -p udp -j ACCEPT\n"))
    }

    @Test func aForeignRuleThatJumpsToOurChainsIsListed() throws {
        let state = try state(["-p tcp -j KUMA_MESH_TPROXY"], ownership: [])
        #expect(state.part(.mangle)?.references.map(\.number) == [1])
    }
}
