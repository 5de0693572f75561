import Addressing
package import Diagnostics
package import HostFacts
package import RuleIR
import RuleTrace
import TproxyOperations

/// The readers of this module, applied to a text, for fuzzers and tests.
package enum CommandInput {
    package struct Refused: Error {
        package var diagnostics: [Diagnostic]
    }

    /// The name of the text in diagnostics.
    private static let name = "<input>"

    /// Reads the argument of `--facts`.
    package static func facts(_ text: String) -> Result<HostFacts, Refused> {
        outcome { try FactsReading(from: InputFile(name: name, text: text)).facts }
    }

    /// Reads the argument of `--packets`; returns each packet as the line that answers repeat.
    package static func packets(_ text: String) -> Result<[String], Refused> {
        outcome {
            try PacketLine.read(
                InputFile(name: name, text: text),
                on: LocalAddresses(loopback: .loopback, entries: nil)
            ).map { PacketLine.Fields($0.packet).text }
        }
    }

    /// Reads the argument of `assert`; returns each assertion as the line that reports repeat.
    package static func assertions(_ text: String) -> Result<[String], Refused> {
        outcome { try Assertion.read(InputFile(name: name, text: text)).map(\.text) }
    }

    /// Reads the argument of `explain --ruleset`.
    package static func ruleset(_ text: String) -> Result<ListedRules, Refused> {
        outcome { try RulesetFile(InputFile(name: name, text: text)).rules }
    }

    /// Reads the argument of `apply --plan`, after computing the seal that the text should have.
    package static func sealedPlan(_ text: String) -> Result<Ruleset, Refused> {
        outcome {
            let file = InputFile(name: name, text: SealedJSON.sealed(text) ?? text)
            let plan = try PlanFile.read(file)
            return try plan.plan(from: name).ruleset
        }
    }

    private static func outcome<Value>(_ read: () throws -> Value) -> Result<Value, Refused> {
        do {
            return .success(try read())
        } catch let failure as OperationFailure {
            return .failure(Refused(diagnostics: failure.diagnostics))
        } catch {
            return .failure(Refused(diagnostics: []))
        }
    }
}
