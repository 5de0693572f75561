import Foundation
import TproxyTestSupport

/// Commands that were started together, and what each printed.
struct CommandsAtOnce {
    struct Ended {
        var words: [String]
        var outcome: Command.Outcome

        /// What it claims to have done to rules: `installed`, `unchanged`, `removed`.
        var claims: [String] {
            outcome.output.split(separator: "\n").compactMap { line in
                Self.claims.first { line.hasPrefix($0) }?.split(separator: " ").first
                    .map(String.init)
            }
        }

        /// How the lines begin; other lines are about the loopback address.
        private static let claims = [
            "installed ", "replaced ", "unchanged", "nothing to remove", "removed table ",
            "removed chains ",
        ]

        func isRefused(_ id: String) -> Bool {
            outcome.status == 1 && outcome.errors.contains("[\(id)]")
        }
    }

    let ended: [Ended]

    /// Starts all at once, and waits for all.
    init(_ commands: [[String]], in sandbox: Sandbox) async throws {
        ended = try await withThrowingTaskGroup(of: Ended.self) { group in
            for words in commands {
                group.addTask {
                    Ended(
                        words: words,
                        outcome: try await sandbox.tproxy(words, input: ApplyTests.facts))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    func count(_ claim: String) -> Int {
        ended.reduce(0) { $0 + $1.claims.count { $0 == claim } }
    }

    /// How many rulesets must be loaded in the end if each claim is true: in any order, an
    /// installation needs that none is loaded, and a removal that one is.
    var loadedInTheEnd: Int { count("installed") - count("removed") }

    /// The commands of this name.
    func ended(_ name: String) -> [Ended] {
        ended.filter { $0.words.first == name }
    }
}

extension CommandsAtOnce: CustomStringConvertible {
    var description: String {
        ended.map { one in
            let words = one.words.joined(separator: " ")
            return "\(words) → \(one.outcome.status)\n\(one.outcome.output)\(one.outcome.errors)"
        }.joined(separator: "\n")
    }
}
