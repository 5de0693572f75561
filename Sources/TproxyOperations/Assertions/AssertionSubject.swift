package import Diagnostics
import RuleIR
package import RuleTrace
package import TproxyConfig

/// The rules that assertions are about.
package struct AssertionSubject {
    /// The name in reports: `the plan`, `the rules in 'host.txt'`.
    package let name: String
    package let trace: RuleTrace
    let addresses: LocalAddresses
    /// The configuration that the rules come from; nil for listed rules.
    package let config: TproxyConfig?
    /// Diagnostics about assumptions.
    package let notices: [Diagnostic]

    package init(_ plan: Plan, name: String = "the plan") {
        let subject = ExplainSubject(plan)
        self.name = name
        trace = subject.trace
        addresses = subject.proxy.addresses
        config = plan.config
        notices = []
    }

    /// Creates the subject from the plan in a file that `tproxy plan --output-file` wrote.
    package init(planFile path: String) throws(OperationFailure) {
        self.init(try PlanFile.read(path).plan(from: path), name: "the plan in '\(path)'")
    }

    /// Creates the subject from the rules that the backend of `choice` has loaded for a plan's
    /// instance.
    package init(loadedFor plan: Plan, _ choice: BackendChoice) throws(OperationFailure) {
        let backend = try plan.backends.name(of: choice)
        guard let loaded = try plan.loadedRules(by: backend) else {
            throw OperationFailure(.notInstalled(plan.ruleset.instance))
        }
        let isDormant = loaded.installed?.irregularity == .dormant
        name = "the rules that \(backend.text) has loaded"
        trace = plan.trace(ofLoaded: isDormant ? ListedRules([]) : loaded.rules, by: backend)
        addresses = ExplainSubject(plan).proxy.addresses
        config = nil
        notices = isDormant ? [.dormantRules()] : []
    }

    /// Creates the subject from listings of rules.
    package init(_ files: ExplainSubject, paths: [String]) {
        name = "the rules in " + paths.map { "'\($0)'" }.joined(separator: ", ")
        trace = files.trace
        addresses = files.proxy.addresses
        config = nil
        notices = files.notices
    }
}

/// The proofs of all assertions of a file.
package struct AssertionCheck {
    package struct Result {
        package var assertion: Assertion
        package var proof: Proof
    }

    package let results: [Result]

    /// Proves or refutes each assertion about the rules.
    package init(
        _ assertions: [Assertion], of subject: AssertionSubject
    ) throws(OperationFailure) {
        var results: [Result] = []
        for assertion in assertions {
            do {
                let proof = try subject.trace.proof(
                    that: assertion.expectation, of: assertion.packets, on: subject.addresses)
                results.append(Result(assertion: assertion, proof: proof))
            } catch {
                throw OperationFailure(.assertionTooComplex(assertion))
            }
        }
        self.results = results
    }

    /// Whether every assertion is proved.
    package var isProved: Bool { results.allSatisfy { $0.proof == .proved } }

    /// Throws unless every assertion of the file at `path` is proved for the plan.
    package static func require(_ path: String, of plan: Plan) throws(OperationFailure) {
        let check = try AssertionCheck(Assertion.read(InputFile(path)), of: AssertionSubject(plan))
        let problems = check.results.compactMap { Diagnostic.unproved($0) }
        guard problems.isEmpty else { throw OperationFailure(problems) }
    }
}
