import Addressing
import RuleIR

// Findings about properties of the host.
extension Preflight {
    var ipv6: [Finding] {
        let families = plan.ruleset.families
        if families.contains(.ipv6) {
            let address = plan.ruleset.prerequisites.loopbackAddresses.first
            let needsLoopback = address != nil || plan.outboundPort != nil
            let interface = address?.interface ?? .loopback
            return survey.isLoopbackIPv6Off && needsLoopback ? [.loopbackIPv6Off(interface)] : []
        }
        let uncovered = survey.addresses.first {
            $0.address.family == .ipv6 && !$0.isLoopback && !$0.address.isLinkLocal
        }
        return uncovered.map { [.ipv6NotCovered($0.interface, $0.address)] } ?? []
    }

    /// Findings about the proxy's user, all of whose traffic bypasses the proxy.
    var proxyUser: [Finding] {
        if plan.proxyUser == .root { return [.rootProxyUser] }
        return unrelatedProcess.map { [.sharedProxyUser($0, plan.proxyUser)] } ?? []
    }

    /// A process of the proxy's user that has sockets and isn't related to a process of the proxy.
    private var unrelatedProcess: PreflightSurvey.Process? {
        let ports = Set([plan.inboundPort, plan.outboundPort, plan.dnsPort].compactMap { $0 })
        let parents = Dictionary(
            survey.proxyProcesses.map { ($0.id, $0.parent) },
            uniquingKeysWith: { first, _ in first })
        /// Returns the topmost ancestor that belongs to the user, too.
        func head(_ id: Int) -> Int {
            var (head, seen) = (id, Set<Int>())
            while let parent = parents[head], parents[parent] != nil, seen.insert(head).inserted {
                head = parent
            }
            return head
        }
        let proxies = Set(
            survey.proxyProcesses.filter { !ports.isDisjoint(with: $0.listens) }.map {
                head($0.id)
            })
        // Before the proxy runs, no process can be distinguished from it.
        guard !proxies.isEmpty else { return nil }
        return survey.proxyProcesses.first { $0.hasSocket && !proxies.contains(head($0.id)) }
    }
}
