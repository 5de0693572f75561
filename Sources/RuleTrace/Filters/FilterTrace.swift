import Addressing
package import RuleIR

/// Evaluates the filter chains of a host for packets.
package struct FilterTrace: Sendable {
    /// The place where a packet is dropped, or may be.
    package struct Place: Hashable, Sendable {
        package var tool: FilterTable.Tool
        package var family: LoadedChain.Family
        package var table: String
        /// The base chain that the packet entered.
        package var base: String
        package var hook: LoadedChain.Hook
        package var chain: String
        /// The 1-based number of the rule; nil for the policy of the chain.
        package var rule: Int?
        /// The rule as its tool prints it, or the policy.
        package var text: String

        package init(
            tool: FilterTable.Tool, family: LoadedChain.Family, table: String, base: String,
            hook: LoadedChain.Hook, chain: String, rule: Int?, text: String
        ) {
            self.tool = tool
            self.family = family
            self.table = table
            self.base = base
            self.hook = hook
            self.chain = chain
            self.rule = rule
            self.text = text
        }
    }

    package enum Verdict: Hashable, Sendable {
        case passes
        case dropped(Place)
        /// The verdict depends on a rule for which it is unknown whether the packet matches.
        case unknown(Place)
    }

    /// The tables, each with its indexed sets.
    private let tables: [(table: FilterTable, sets: SetIndex)]

    package init(_ tables: [FilterTable]) {
        self.tables = tables.map { ($0, SetIndex($0.sets)) }
    }

    /// Returns the verdict of all base chains for a packet: what one accepts, the next may drop.
    package func verdict(on packet: FilterPacket) -> Verdict {
        var doubt: Verdict?
        for (table, sets) in tables where table.family.sees(packet.packet.family) {
            for chain in table.chains {
                guard let base = chain.base, base.hook == packet.hook, base.type != "nat",
                    base.priority >= packet.minimumPriority
                else { continue }
                switch FilterReading(table, sets, chain, base, for: packet).verdict {
                case .passes: continue
                case .dropped(let place): return .dropped(place)
                case .unknown(let place): doubt = doubt ?? .unknown(place)
                }
            }
        }
        return doubt ?? .passes
    }

    /// Returns the first verdict that isn't `passes`, at the hooks that a packet traverses.
    package func verdict(along stations: [FilterPacket]) -> Verdict {
        var doubt: Verdict?
        for station in stations {
            switch verdict(on: station) {
            case .passes: continue
            case .dropped(let place): return .dropped(place)
            case .unknown(let place): doubt = doubt ?? .unknown(place)
            }
        }
        return doubt ?? .passes
    }
}

/// Evaluates one base chain for one packet, with `PacketEvaluator`.
private struct FilterReading {
    private let table: FilterTable
    private let base: FilterChain
    private let hook: LoadedChain.Hook
    private let packet: FilterPacket
    private let trace: RuleTrace
    private var places: [String: FilterTrace.Place] = [:]

    init(
        _ table: FilterTable, _ index: SetIndex, _ base: FilterChain,
        _ attachment: LoadedChain.Base, for packet: FilterPacket
    ) {
        self.table = table
        self.base = base
        self.packet = packet
        hook = attachment.hook
        let sets = Set(table.sets.map(\.name))
        var places: [String: FilterTrace.Place] = [:]
        func place(_ chain: FilterChain, _ rule: FilterRule?) -> String {
            let key = "\(chain.name) \(rule?.number ?? 0)"
            places[key] = FilterTrace.Place(
                tool: table.tool, family: table.family, table: table.name, base: base.name,
                hook: attachment.hook, chain: chain.name, rule: rule?.number,
                text: rule?.text ?? "policy drop")
            return key
        }
        func traced(_ chain: FilterChain) -> [TracedRule] {
            /// Returns the rule that represents the end of a base chain.
            func end(
                _ matches: [Match], _ conditions: [FilterCondition] = [], isComplete: Bool = true
            ) -> [TracedRule] {
                guard chain.base != nil else { return [] }
                var end = TracedRule(
                    matches, isComplete: isComplete, then: chain.dropsAtEnd ? .drop : .accept,
                    because: Rationale("", key: ""), place: place(chain, nil), isInBase: true)
                end.conditions = conditions
                return [end]
            }
            let rules = chain.rules.flatMap { rule -> [TracedRule] in
                // Rules of this table may change marks, so the evaluator answers for those.
                let ofMarks = rule.conditions.filter(\.dependsOnMarks)
                let conditions = rule.conditions.filter { !$0.dependsOnMarks }.map(packet.meets)
                guard !conditions.contains(false) else { return [] }
                let known = rule.matches.filter { $0.isDecidable(sets) }
                let isComplete =
                    rule.isComplete && known.count == rule.matches.count
                    && !conditions.contains(nil)
                func made(_ action: TracedAction) -> TracedRule {
                    var made = TracedRule(
                        known, isComplete: isComplete, then: action,
                        because: Rationale("", key: ""), place: place(chain, rule),
                        isInBase: chain.base != nil)
                    made.conditions = ofMarks
                    made.changes = rule.changes
                    return made
                }
                switch rule.effect {
                case .accept: return [made(.accept)]
                case .drop: return [made(.drop)]
                case .return:
                    return chain.base == nil
                        ? [made(.return)] : end(known, ofMarks, isComplete: isComplete)
                case .jump(let name): return [made(.jump(name))]
                case .goto(let name):
                    return chain.base == nil
                        ? [made(.goto(name))]
                        : [made(.jump(name))] + end(known, ofMarks, isComplete: isComplete)
                case .aside: return [made(.aside(""))]
                case .unknown: return [made(.unknown(""))]
                }
            }
            return rules + end([])
        }
        var chains: [String: [TracedRule]] = [:]
        for chain in table.chains where chain.base == nil { chains[chain.name] = traced(chain) }
        trace = RuleTrace(
            HookRules(
                bases: [
                    .init(
                        packet.packet.hook, families: [packet.packet.family], isNAT: false,
                        rules: traced(base))
                ], chains: chains, sets: []), sets: index, nil, marks: .unknown)
        self.places = places
    }

    /// The verdict that holds whether or not the packet matches the rules in doubt.
    var verdict: FilterTrace.Verdict {
        let explanation = trace.explain(packet.packet)
        if explanation.outcome == .dropped, let decisive = explanation.decisive {
            let saving = explanation.doubts.first { mayLead($0, to: .escape) }
            return saving.map { .unknown(place(of: $0)) } ?? .dropped(place(of: decisive.rule))
        }
        let dropping = explanation.doubts.first { mayLead($0, to: .drop) }
        return dropping.map { .unknown(place(of: $0)) } ?? .passes
    }

    private func place(of rule: TracedRule) -> FilterTrace.Place {
        places[rule.place]
            ?? FilterTrace.Place(
                tool: table.tool, family: table.family, table: table.name, base: base.name,
                hook: hook, chain: base.name, rule: nil, text: "rules without an end")
    }

    private enum End {
        case escape
        case drop
    }

    /// Whether a rule that may match could lead the packet to `end`.
    private func mayLead(_ rule: TracedRule, to end: End, depth: Int = 0) -> Bool {
        guard depth <= PacketEvaluator.maximumDepth else { return true }
        switch rule.action {
        case .log, .aside: return false
        case .drop: return end == .drop
        case .accept: return end == .escape
        case .jump(let name):
            guard let chain = trace.rules.chains[name] else { return true }
            return chain.contains { inner in
                // A return leads only to the rule after the jump.
                guard inner.action != .return,
                    inner.matches.allSatisfy({ trace.sets.holds($0, for: packet.packet) })
                else { return false }
                return mayLead(inner, to: end, depth: depth + 1)
            }
        case .return, .goto, .redirect, .translate, .oneOf, .conntrackZone, .yieldToDockerDNS,
            .unknown:
            return true
        }
    }
}

extension Match {
    /// Whether a filter chain's match can be decided.
    ///
    /// The owner of a packet is known only for the application, and sets only if they were read.
    fileprivate func isDecidable(_ sets: Set<SetName>) -> Bool {
        switch self {
        case .owner, .ownedFlow: return false
        case .source(let test), .destination(let test):
            guard case .set(let name, _) = test.addresses else { return true }
            return sets.contains(name)
        case .sourcePort(.set(let name)), .destinationPort(.set(let name)):
            return sets.contains(name)
        case .sourcePort(.port), .destinationPort(.port), .family, .transport, .inputInterface,
            .outputInterface, .connectionState:
            return true
        }
    }
}
