import Addressing
package import Diagnostics
package import HostFacts
package import RuleIR
import RuleTrace
import TproxyOperations

/// The readers of this module by the text that they are given, for fuzzers and tests.
package enum CommandInput {
    package struct Refused: Error {
        package var diagnostics: [Diagnostic]
    }

    /// The name that diagnostics give to the text.
    private static let name = "<input>"

    /// What `--facts` takes.
    package static func facts(_ text: String) -> Result<HostFacts, Refused> {
        outcome { try FactsReading(from: InputFile(name: name, text: text)).facts }
    }

    /// What `--packets` takes: each packet as the line that answers repeat.
    package static func packets(_ text: String) -> Result<[String], Refused> {
        outcome {
            try PacketLine.read(
                InputFile(name: name, text: text),
                on: LocalAddresses(loopback: .loopback, entries: nil)
            ).map { PacketLine.Fields($0.packet).text }
        }
    }

    /// What `explain --ruleset` takes.
    package static func ruleset(_ text: String) -> Result<ListedRules, Refused> {
        outcome { try RulesetFile(InputFile(name: name, text: text)).rules }
    }

    /// What `apply --plan-file` takes, with the seal that the text should have.
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
