import Addressing
import RuleIR

// What the host itself is.
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

    /// Everything that this user sends goes around the proxy.
    var proxyUser: [Finding] {
        if plan.proxyUser == .root { return [.rootProxyUser] }
        return stranger.map { [.sharedProxyUser($0, plan.proxyUser)] } ?? []
    }

    /// A process of the proxy's user with sockets, and no relation of a process that is the proxy.
    private var stranger: PreflightSurvey.Process? {
        let ports = Set([plan.inboundPort, plan.outboundPort, plan.dnsPort].compactMap { $0 })
        let parents = Dictionary(
            survey.proxyProcesses.map { ($0.id, $0.parent) },
            uniquingKeysWith: { first, _ in first })
        /// The topmost of the process's forebears that are the user's, too.
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
        // Before the proxy is there nobody can be told apart from it.
        guard !proxies.isEmpty else { return nil }
        return survey.proxyProcesses.first { $0.hasSocket && !proxies.contains(head($0.id)) }
    }
}
