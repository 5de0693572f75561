import Addressing
package import RuleIR

/// What the filter chains of a host do with a packet.
package struct FilterTrace: Sendable {
    /// Where a packet is dropped, or may be.
    package struct Place: Hashable, Sendable {
        package var tool: FilterTable.Tool
        package var family: LoadedChain.Family
        package var table: String
        /// The chain on the hook from which the packet got there.
        package var base: String
        package var hook: LoadedChain.Hook
        package var chain: String
        /// 1-based; nil for the policy of the chain.
        package var rule: Int?
        /// The rule in the words of its tool, or the policy.
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
        /// It depends on a rule of which nobody can say whether the packet meets it.
        case unknown(Place)
    }

    /// Each with its sets, made ready once for many packets.
    private let tables: [(table: FilterTable, sets: SetIndex)]

    package init(_ tables: [FilterTable]) {
        self.tables = tables.map { ($0, SetIndex($0.sets)) }
    }

    /// Asks every base chain by itself: what one accepts, the next may drop.
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

    /// The first station that doesn't let the packet pass.
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

/// One base chain and one packet, for `PacketEvaluator`.
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
            /// What becomes of packets behind the last rule of a base chain.
            func end(_ matches: [Match], isComplete: Bool = true) -> [TracedRule] {
                guard chain.base != nil else { return [] }
                return [
                    TracedRule(
                        matches, isComplete: isComplete, then: chain.dropsAtEnd ? .drop : .accept,
                        because: Rationale("", key: ""), place: place(chain, nil), isInBase: true)
                ]
            }
            let rules = chain.rules.flatMap { rule -> [TracedRule] in
                let conditions = rule.conditions.map(packet.meets)
                guard !conditions.contains(false) else { return [] }
                let known = rule.matches.filter { $0.isDecidable(sets) }
                let isComplete =
                    rule.isComplete && known.count == rule.matches.count
                    && !conditions.contains(nil)
                func made(_ action: TracedAction) -> TracedRule {
                    TracedRule(
                        known, isComplete: isComplete, then: action,
                        because: Rationale("", key: ""), place: place(chain, rule),
                        isInBase: chain.base != nil)
                }
                switch rule.effect {
                case .accept: return [made(.accept)]
                case .drop: return [made(.drop)]
                case .return:
                    return chain.base == nil
                        ? [made(.return)] : end(known, isComplete: isComplete)
                case .jump(let name): return [made(.jump(name))]
                case .goto(let name):
                    return chain.base == nil
                        ? [made(.goto(name))]
                        : [made(.jump(name))] + end(known, isComplete: isComplete)
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
                ], chains: chains, sets: []), sets: index)
        self.places = places
    }

    /// What is certain whether or not the packet meets the rules in doubt.
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

    /// Whether a rule that may be met could bring the packet to that end.
    private func mayLead(_ rule: TracedRule, to end: End, depth: Int = 0) -> Bool {
        guard depth <= PacketEvaluator.maximumDepth else { return true }
        switch rule.action {
        case .log, .aside: return false
        case .drop: return end == .drop
        case .accept: return end == .escape
        case .jump(let name):
            guard let chain = trace.rules.chains[name] else { return true }
            return chain.contains { inner in
                // A return leads no further than to the rule behind the jump.
                guard inner.action != .return,
                    inner.matches.allSatisfy({ trace.sets.holds($0, for: packet.packet) })
                else { return false }
                return mayLead(inner, to: end, depth: depth + 1)
            }
        case .return, .goto, .redirect, .translate, .conntrackZone, .yieldToDockerDNS, .unknown:
            return true
        }
    }
}

extension Match {
    /// Whether a filter chain's question can be answered: of an owner only the application knows, and
    /// of sets only those that were read.
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

extension RuleTrace {
    fileprivate init(_ rules: HookRules, sets: SetIndex) {
        self.rules = rules
        self.sets = sets
    }
}
