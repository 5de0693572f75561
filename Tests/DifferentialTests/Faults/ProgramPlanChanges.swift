import Addressing
import RuleIR

@testable import EBPFBackend

/// Changes of every step or element that can be changed; nil if there is none.
extension ProgramPlan {
    func changingSteps(_ change: (Step, Int) -> Step?) -> ProgramPlan? {
        changed { plan in
            for (index, step) in steps.enumerated() {
                if let step = change(step, index) { plan.steps[index] = step }
            }
        }
    }

    /// Makes the tests hold for everything.
    func losing(_ isMeant: (Test) -> Bool) -> ProgramPlan? {
        changingTests { test, isNegated, _, index in
            isMeant(test) ? .test(test, isNegated: isNegated, otherwise: index + 1) : nil
        }
    }

    func negating(_ isMeant: (Test) -> Bool) -> ProgramPlan? {
        changingTests { test, isNegated, otherwise, _ in
            isMeant(test) ? .test(test, isNegated: !isNegated, otherwise: otherwise) : nil
        }
    }

    func replacing(_ change: (Test) -> Test?) -> ProgramPlan? {
        changingTests { test, isNegated, otherwise, _ in
            change(test).map { .test($0, isNegated: isNegated, otherwise: otherwise) }
        }
    }

    func changingTests(
        _ change: (_ test: Test, _ isNegated: Bool, _ otherwise: Int, _ index: Int) -> Step?
    ) -> ProgramPlan? {
        changingSteps { step, index in
            guard case .test(let test, let isNegated, let otherwise) = step else { return nil }
            return change(test, isNegated, otherwise, index)
        }
    }

    func changingFlows(_ change: (inout FlowRectangle) -> Bool) -> ProgramPlan? {
        changed { plan in
            for index in flows.indices where !change(&plan.flows[index]) {
                plan.flows[index] = flows[index]
            }
        }
    }

    func changingPorts(_ change: ([PortRange]) -> [PortRange]) -> ProgramPlan? {
        changed { $0.portSets = portSets.map(change) }
    }

    func changingAddresses(_ change: ([IPPrefix]) -> [IPPrefix]) -> ProgramPlan? {
        changed { $0.addressSets = addressSets.map(change) }
    }

    func changed(_ change: (inout ProgramPlan) -> Void) -> ProgramPlan? {
        var plan = self
        change(&plan)
        return plan == self ? nil : plan
    }

    /// The last step of the hook of a step.
    func end(after index: Int) -> Int { index < inbound ? inbound - 1 : steps.count - 1 }
}
