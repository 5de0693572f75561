import Addressing
import RuleIR
import RuleTrace
import TextSearch

// Foreign filter chains see a redirected packet with its new address and port.
extension Preflight {
    var firewalls: [Finding] {
        guard !survey.filters.isEmpty else { return [] }
        let trace = FilterTrace(survey.filters)
        var drops = Obstacles()
        var doubts = Obstacles()
        for flow in redirectedFlows {
            let verdicts = flow.samples.map { ($0, trace.verdict(along: $0.stations)) }
            let lost = verdicts.filter { sample, verdict in
                guard case .dropped = verdict else { return false }
                return !isAlwaysDropped(sample, trace)
            }
            let isLostAlways = verdicts.allSatisfy { _, verdict in
                if case .dropped = verdict { true } else { false }
            }
            let reported = (isLostAlways ? verdicts : lost).first?.1
            if case .dropped(let place) = reported {
                if !isReported(place, flow) { drops.add(place, manager(of: place), flow.target) }
                continue
            }
            for case .unknown(let place) in verdicts.map(\.1) {
                doubts.add(place, manager(of: place), flow.target)
                break
            }
        }
        return drops.found.map { .firewallDrops($0) } + doubts.found.map { .firewallUnclear($0) }
    }

    /// Whether the packet would be dropped without the redirect, too.
    private func isAlwaysDropped(_ sample: RedirectedFlow.Sample, _ trace: FilterTrace) -> Bool {
        sample.originals.allSatisfy { original in
            if case .dropped = trace.verdict(on: original) { true } else { false }
        }
    }

    /// Whether the finding `firewalld-rejects-ipv6` covers this drop.
    private func isReported(_ place: FilterTrace.Place, _ flow: RedirectedFlow) -> Bool {
        flow.family == .ipv6 && place.hook == .output && place.text.contains(text: "::/96")
            && firewalld.contains { $0.kind == .firewalldRejectsIPv6 }
    }

    private func manager(of place: FilterTrace.Place) -> FirewallObstacle.Manager {
        let table = survey.filters.first {
            $0.tool == place.tool && $0.family == place.family && $0.name == place.table
        }
        let chains = table?.chains.map(\.name) ?? []
        if chains.contains(where: { $0.hasPrefix("ufw-") || $0.hasPrefix("ufw6-") }) {
            return .ufw
        }
        let isFirewalld =
            (place.family == .inet && place.table == "firewalld")
            || chains.contains("OUTPUT_direct")
        guard isFirewalld else { return .table }
        return policy(of: place).map { .firewalldPolicy($0) } ?? .firewalldZone
    }

    /// Returns the name in `filter_OUT_policy_NAME_deny` (nftables) or `OUT_NAME_deny` (iptables).
    private func policy(of place: FilterTrace.Place) -> String? {
        let name: Substring
        if let rest = place.chain.dropping(through: "_policy_") {
            name = rest
        } else if place.hook == .output, place.chain.hasPrefix("OUT_") {
            name = place.chain.dropFirst("OUT_".count)
        } else {
            return nil
        }
        for suffix in ["_pre", "_log", "_deny", "_allow", "_post"] where name.hasSuffix(suffix) {
            return String(name.dropLast(suffix.count))
        }
        return String(name)
    }
}

/// Obstacles, one for each firewall rule that would resolve them.
private struct Obstacles {
    private(set) var found: [FirewallObstacle] = []

    mutating func add(
        _ place: FilterTrace.Place, _ manager: FirewallObstacle.Manager,
        _ target: FirewallObstacle.Target
    ) {
        let new = FirewallObstacle(place, by: manager, targets: [target])
        guard let index = found.firstIndex(where: { $0.remedied == new.remedied }) else {
            found.append(new)
            return
        }
        if !found[index].targets.contains(target) { found[index].targets.append(target) }
    }
}
