import Diagnostics
import RuleIR
import TproxyOperations

/// Prints a plan: what would change, the plan in words, warnings, then the changes.
struct PlanPrinting {
    private let plan: Plan
    private let text: PlanText
    private let traffic: TrafficReport
    private let notices: [Diagnostic]
    private let isFull: Bool

    /// Creates the printing; `isForThisHost` is false if the facts are from a file.
    init(
        _ plan: Plan, _ choice: BackendChoice, isForThisHost: Bool, isFull: Bool
    ) throws {
        self.plan = plan
        self.isFull = isFull
        let (state, notices) = plan.state(choice, isForThisHost: isForThisHost)
        self.notices = notices
        text = try PlanText(plan, choice, state)
        traffic = TrafficReport(try plan.trafficChanges(from: state))
    }

    /// Prints the plan; `check` reports what on this host conflicts with it, or throws.
    func print(check: () throws -> Void) throws {
        Console.result(text.head)
        Console.report(plan.warnings + notices)
        let refusal = Result { try check() }
        var rest = text.changes
        traffic.add(to: &rest)
        if isFull { rest.add(text.rules) } else { rest.add(text.hint) }
        Console.page(rest)
        try refusal.get()
    }
}

extension Plan {
    /// Reads the loaded rules, if the plan is for this host.
    func state(
        _ choice: BackendChoice, isForThisHost: Bool
    ) -> (state: PlanState, notices: [Diagnostic]) {
        isForThisHost ? state(with: choice) : (.otherHost, [])
    }
}
