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
    private let isForEmptyHost: Bool

    /// Creates the printing; `isForThisHost` is false if the facts are from a file.
    init(
        _ plan: Plan, _ choice: BackendChoice, isForThisHost: Bool, isFull: Bool
    ) throws {
        self.plan = plan
        self.isFull = isFull
        let (state, notices) = plan.state(choice, isForThisHost: isForThisHost)
        self.notices = notices
        isForEmptyHost = state.isEmptyHost
        text = try PlanText(plan, choice, state)
        traffic = TrafficReport(try plan.trafficChanges(from: state, by: choice.placement))
    }

    /// Prints the plan; `check` reports what on this host conflicts with it, or throws.
    func print(check: () throws -> Void) throws {
        var rest = text.changes
        if isForEmptyHost, !isFull {
            traffic.addForEmptyHost(to: &rest)
        } else {
            traffic.add(to: &rest)
        }
        if isFull { rest.add(text.rules) } else { rest.add(text.hint) }
        var refusal = Result<Void, any Error>.success(())
        Console.page(text.head, rest) {
            Console.report(plan.warnings + notices)
            refusal = Result { try check() }
        }
        try refusal.get()
    }
}

extension PlanState {
    /// Whether the plan is for a host without rules of its own.
    fileprivate var isEmptyHost: Bool {
        switch self {
        case .known(let comparison): comparison.loaded == nil
        case .unknown: true
        }
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
