import Addressing
import HostSurvey
package import Review
package import RuleIR
package import RulesetDiff

/// The effects of the loaded rules, and whether they are in force.
package struct StatusDetails {
    /// A port that rules redirect to.
    package struct Listener: Hashable, Sendable {
        package var transport: String
        package var port: UInt16
        package var isListening: Bool
    }

    /// A rule of the plan with the packets that it has taken.
    package struct Counter: Hashable, Sendable {
        package var line: LoadedPlan.Line
        package var packets: UInt64
        package var bytes: UInt64
    }

    /// The foreign rules that see packets first and may decide.
    package let preceding: [PrecedingRule]
    /// The ports of the proxy; nil if sockets can't be read, or the rules aren't a plan's.
    package let listeners: [Listener]?
    /// The plan in words; nil if the loaded rules aren't a plan's, or have no comments.
    package let summary: ReviewSummary?
    /// The packets by the plan's rules; nil if the loaded rules aren't a plan's, or aren't intact.
    package let counters: [Counter]?
    /// The lists of the rules in `counters`.
    package let sets: [NamedSet]

    /// Reads the loaded rules and the host; a part that can't be read is missing.
    package init(
        _ loaded: BackendSelection.Loaded, _ instance: InstanceName,
        _ selection: BackendSelection
    ) {
        let rules = (try? loaded.backend.lister?.readBack(instance))?.rules
        let chains = (try? selection.allChains()) ?? []
        preceding =
            rules.map { PrecedingRule.all(before: $0, loaded: $0, chains: chains) } ?? []
        let plan = rules.flatMap { LoadedPlan($0) }
        listeners = plan.flatMap { Self.listeners(of: $0.ruleset) }
        let hasReasons = plan?.lines.contains { $0.rationale != nil } == true
        summary = hasReasons ? plan.map { ReviewSummary($0.ruleset) } : nil
        counters =
            loaded.installed.isIntact
            ? plan.flatMap { Self.counters($0, loaded.installed.counters) } : nil
        sets =
            rules?.tables.flatMap(\.sets).compactMap { set in
                guard case .readable(let set) = set else { return nil }
                return set
            } ?? []
    }

    private static func listeners(of ruleset: Ruleset) -> [Listener]? {
        guard let listening = ListeningPorts() else { return nil }
        var seen: Set<Listener> = []
        return ruleset.locatedRules.compactMap { _, rule -> Listener? in
            guard case .redirect(let port) = rule.action else { return nil }
            let transport = rule.transport ?? .tcp
            let listener = Listener(
                transport: transport.rawValue, port: port.number,
                isListening: listening.contains(transport, port))
            return seen.insert(listener).inserted ? listener : nil
        }.sorted { ($0.port, $0.transport) < ($1.port, $1.transport) }
    }

    /// Adds up the counts of each rule; nil if the counts are of other rules.
    private static func counters(
        _ plan: LoadedPlan, _ counts: [InstalledRuleset.RuleCounter]
    ) -> [Counter]? {
        var byChain: [String: [InstalledRuleset.RuleCounter]] = [:]
        for count in counts { byChain[count.chain, default: []].append(count) }
        var counters: [Counter] = []
        for line in plan.lines {
            var counter = Counter(line: line, packets: 0, bytes: 0)
            for place in line.places {
                guard let chain = byChain[place.countedChain], chain.indices.contains(place.index)
                else { return nil }
                counter.packets += chain[place.index].packets
                counter.bytes += chain[place.index].bytes
            }
            counters.append(counter)
        }
        return counters
    }
}

extension ListedPlace {
    /// The name of the chain in `InstalledRuleset.RuleCounter`.
    fileprivate var countedChain: String {
        let parts = table.split(separator: " ")
        // `nat of IPv4`, against `IPv4 nat KUMA_MESH_OUTBOUND`.
        guard parts.count == 3, parts[1] == "of" else { return chain }
        return "\(parts[2]) \(parts[0]) \(chain)"
    }
}
