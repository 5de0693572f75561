import Addressing
import RuleIR

@testable import EBPFBackend

/// Mistakes in the lowering of rules to steps of eBPF programs.
enum EBPFFaults {
    static let all: [Fault<ProgramPlan>] = tests + negations + outcomes + proxy + sets + flows

    private static let tests: [Fault<ProgramPlan>] = [
        Fault("no test of the transport") { plan in
            plan.losing { if case .transport = $0 { true } else { false } }
        },
        Fault("no test of a source") { plan in
            plan.losing { if case .source = $0 { true } else { false } }
        },
        Fault("no test of a list of sources") { plan in
            plan.losing { if case .sourceInSet = $0 { true } else { false } }
        },
        Fault("no test of a destination") { plan in
            plan.losing { if case .destination = $0 { true } else { false } }
        },
        Fault("no test of a list of destinations") { plan in
            plan.losing { if case .destinationInSet = $0 { true } else { false } }
        },
        Fault("no test of a port") { plan in
            plan.losing { if case .destinationPort = $0 { true } else { false } }
        },
        Fault("no test of a list of ports") { plan in
            plan.losing { if case .destinationPortInSet = $0 { true } else { false } }
        },
        Fault("no test of an owner") { plan in
            plan.losing { if case .owner = $0 { true } else { false } }
        },
        Fault("no test of owners and ports") { plan in
            plan.losing { if case .ownedFlow = $0 { true } else { false } }
        },
        Fault("no test of the loopback interface") { plan in
            plan.losing { if case .local = $0 { true } else { false } }
        },
        Fault("rules of one family for both") { plan in
            plan.changingTests { test, _, _, index in
                guard case .family(let family) = test, index == 0 || index == plan.inbound else {
                    return nil
                }
                return .test(.family(family), isNegated: false, otherwise: index + 1)
            }
        },
        Fault("the other family") { plan in
            plan.replacing { test in
                guard case .family(let family) = test else { return nil }
                return .family(family == .ipv4 ? .ipv6 : .ipv4)
            }
        },
        Fault("no family before a negated address") { plan in
            plan.changingTests { test, _, _, index in
                guard case .family = test, index + 1 < plan.steps.count,
                    case .test(_, isNegated: true, _) = plan.steps[index + 1]
                else { return nil }
                return .test(test, isNegated: false, otherwise: index + 1)
            }
        },
    ]

    private static let negations: [Fault<ProgramPlan>] = [
        Fault("every owner but the one") { plan in
            plan.negating { if case .owner = $0 { true } else { false } }
        },
        Fault("every destination but the one") { plan in
            plan.negating { if case .destination = $0 { true } else { false } }
        },
        Fault("every destination but those of a list") { plan in
            plan.negating { if case .destinationInSet = $0 { true } else { false } }
        },
        Fault("a negation forgotten") { plan in
            plan.changingTests { test, isNegated, otherwise, _ in
                isNegated ? .test(test, isNegated: false, otherwise: otherwise) : nil
            }
        },
    ]

    private static let outcomes: [Fault<ProgramPlan>] = [
        Fault("a rule that doesn't match ends the rules") { plan in
            plan.changingTests { test, isNegated, _, index in
                .test(test, isNegated: isNegated, otherwise: plan.end(after: index))
            }
        },
        Fault("a rule that doesn't match passes the next test") { plan in
            plan.changingTests { test, isNegated, otherwise, _ in
                guard case .test = plan.steps[otherwise] else { return nil }
                return .test(test, isNegated: isNegated, otherwise: otherwise + 1)
            }
        },
        Fault("a return from a chain without effect") { plan in
            plan.changingSteps { step, index in
                guard case .goTo(let next, let rule) = step, next > index + 1 else { return nil }
                return .goTo(index + 1, rule: rule)
            }
        },
        Fault("a jump that ends the rules") { plan in
            plan.changingSteps { step, index in
                guard case .goTo(index + 1, _) = step else { return nil }
                return .end
            }
        },
        Fault("an exclusion without effect") { plan in
            plan.changingSteps { step, index in
                guard case .bypass(let rule) = step else { return nil }
                return .goTo(index + 1, rule: rule)
            }
        },
        Fault("a redirect without effect") { plan in
            plan.changingSteps { step, index in
                guard case .redirect(_, let rule) = step else { return nil }
                return .goTo(index + 1, rule: rule)
            }
        },
        Fault("rules of the other hook for incoming connections") { plan in
            plan.changed { $0.inbound = 0 }
        },
        Fault("no rules for incoming connections") { plan in
            guard plan.inboundPort != nil else { return nil }
            return plan.changed { $0.inbound = plan.steps.count - 1 }
        },
    ]

    private static let proxy: [Fault<ProgramPlan>] = [
        Fault("a redirect to another port") { plan in
            plan.changingSteps { step, _ in
                guard case .redirect(let port, let rule) = step,
                    let next = Port(Int(port.number) + 1)
                else { return nil }
                return .redirect(next, rule: rule)
            }
        },
        Fault("outgoing connections to the port of incoming ones") { plan in
            plan.changingSteps { step, index in
                guard case .redirect(let port, let rule) = step, index < plan.inbound,
                    let inboundPort = plan.inboundPort, port != inboundPort
                else { return nil }
                return .redirect(inboundPort, rule: rule)
            }
        },
        Fault("another port of the listener") { plan in
            guard let port = plan.inboundPort else { return nil }
            return plan.changed { $0.inboundPort = Port(Int(port.number) + 1) }
        },
        Fault("the listener of incoming connections unknown") { plan in
            plan.changed { $0.proxyPorts.removeAll { $0 == plan.inboundPort } }
        },
    ]

    private static let sets: [Fault<ProgramPlan>] = [
        Fault("another list of addresses") { plan in
            plan.replacing { test in
                switch test {
                case .sourceInSet(let set): .sourceInSet((set + 1) % plan.addressSets.count)
                case .destinationInSet(let set):
                    .destinationInSet((set + 1) % plan.addressSets.count)
                default: nil
                }
            }
        },
        Fault("another list of ports") { plan in
            plan.replacing { test in
                guard case .destinationPortInSet(let set) = test else { return nil }
                return .destinationPortInSet((set + 1) % plan.portSets.count)
            }
        },
        Fault("one list of ports for all") { plan in
            plan.changed { $0.portSets = plan.portSets.map { _ in plan.portSets.flatMap(\.self) } }
        },
        Fault("an address missing") { plan in plan.changingAddresses { $0.dropLast() } },
        Fault("a prefix one bit longer") { plan in
            plan.changingAddresses { prefixes in
                prefixes.map { IPPrefix($0.address, length: $0.length + 1) ?? $0 }
            }
        },
        Fault("a prefix one bit shorter") { plan in
            plan.changingAddresses { prefixes in
                prefixes.map { IPPrefix($0.address, length: $0.length - 1) ?? $0 }
            }
        },
        Fault("a port missing") { plan in plan.changingPorts { $0.dropLast() } },
        Fault("a port too many") { plan in
            plan.changingPorts { ranges in
                ranges.map { range in
                    Port(Int(range.last.number) + 1).flatMap { PortRange(range.first, $0) } ?? range
                }
            }
        },
        Fault("a range of ports that begins one later") { plan in
            plan.changingPorts { ranges in
                ranges.compactMap { range in
                    Port(Int(range.first.number) + 1).flatMap { PortRange($0, range.last) }
                }
            }
        },
    ]

    private static let flows: [Fault<ProgramPlan>] = [
        Fault("a combination of owners and ports missing") { plan in
            plan.replacing { test in
                guard case .ownedFlow(let flows) = test else { return nil }
                return .ownedFlow(flows.dropLast())
            }
        },
        Fault("owners that begin one later") { plan in
            plan.changingFlows { flow in
                guard let next = UserID(UInt64(flow.owners.first.number) + 1),
                    let shorter = UserIDRange(next, flow.owners.last)
                else { return false }
                flow.owners = shorter
                return true
            }
        },
        Fault("owners that end one later") { plan in
            plan.changingFlows { flow in
                guard let next = UserID(UInt64(flow.owners.last.number) + 1),
                    let longer = UserIDRange(flow.owners.first, next)
                else { return false }
                flow.owners = longer
                return true
            }
        },
        Fault("an owner's ports that end one earlier") { plan in
            plan.changingFlows { flow in
                guard let last = Port(Int(flow.ports.last.number) - 1),
                    let shorter = PortRange(flow.ports.first, last)
                else { return false }
                flow.ports = shorter
                return true
            }
        },
        Fault("an owner's ports of the other protocol") { plan in
            plan.changingFlows { flow in
                flow.transport = flow.transport == .tcp ? .udp : .tcp
                return true
            }
        },
    ]
}
