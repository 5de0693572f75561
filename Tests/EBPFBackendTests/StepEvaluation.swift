import Addressing
import EBPFBackend
import RuleIR
import RuleTrace

/// Evaluates the steps of a plan as the programs do, with tests of its own.
struct StepEvaluation {
    let plan: ProgramPlan

    /// Returns the port that the packet is redirected to; nil if it keeps its destination.
    func port(of packet: Packet) -> Port? {
        var index = packet.direction == .outgoing ? 0 : plan.inbound
        while true {
            switch plan.steps[index] {
            case .end, .bypass: return nil
            case .redirect(let port, _): return port
            case .goTo(let next, _): index = next
            case .test(let test, let isNegated, let otherwise):
                index = holds(test, packet) != isNegated ? index + 1 : otherwise
            }
        }
    }

    private func holds(_ test: ProgramPlan.Test, _ packet: Packet) -> Bool {
        switch test {
        case .family(let family): packet.family == family
        case .transport(let transport): packet.transport == transport
        case .source(let prefix): prefix.contains(packet.source)
        case .sourceInSet(let set): contains(set, packet.source)
        case .destination(let prefix): prefix.contains(packet.destination)
        case .destinationInSet(let set): contains(set, packet.destination)
        case .sourcePort(let port): packet.sourcePort == port
        case .sourcePortInSet(let set): packet.sourcePort.map { contains(set, $0) } ?? false
        case .destinationPort(let port): packet.destinationPort == port
        case .destinationPortInSet(let set): contains(set, packet.destinationPort)
        case .owner(let user): packet.owner == user
        case .ownedFlow(let flows):
            plan.flows[flows].contains { flow in
                flow.transport == packet.transport && flow.ports.contains(packet.destinationPort)
                    && (packet.owner.map(flow.owners.contains) ?? false)
            }
        case .local: packet.interface == .loopback
        }
    }

    private func contains(_ set: Int, _ address: IPAddress) -> Bool {
        plan.addressSets[set].contains { $0.contains(address) }
    }

    private func contains(_ set: Int, _ port: Port) -> Bool {
        plan.portSets[set].contains { $0.contains(port) }
    }
}
