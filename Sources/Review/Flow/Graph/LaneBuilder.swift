import Addressing
import RuleIR

/// Builds the nodes of one hook and finds the target of each rule.
struct LaneBuilder {
    private let ruleset: Ruleset
    private let hook: Hook
    private let words: RuleMessages
    /// The segments that have rules, in the order in which the kernel runs them.
    private let segments: [FlowSegment]
    private let calls: ChainCalls
    /// Whether programs decide, and no chains.
    private let isOfSockets: Bool

    init(_ ruleset: Ruleset, _ hook: Hook, segmentOffset: Int?) {
        isOfSockets = segmentOffset == nil
        self.ruleset = ruleset
        self.hook = hook
        words = RuleMessages(ruleset: ruleset)
        segments = Stage.allCases.flatMap { stage -> [FlowSegment] in
            guard let base = ruleset.baseChain(stage, hook) else { return [] }
            return FlowSegment.segments(of: base, offset: segmentOffset)
        }
        calls = ChainCalls(ruleset, hook)
    }

    var lane: FlowLane {
        var nodes = [origin] + segments.indices.map(node(ofSegment:))
        nodes += calls.chains.map(node)
        let targets = Set(nodes.flatMap { $0.rows.compactMap(\.target) + [$0.otherwise] })
        nodes += possibleEnds.filter { targets.contains(id($0)) }.map {
            FlowNode(id: id($0), kind: .end($0), rows: [], otherwise: nil)
        }
        return FlowLane(hook: hook, nodes: nodes)
    }

    private var origin: FlowNode {
        FlowNode(
            id: "\(hook.rawValue)_origin", kind: isOfSockets ? .socket(hook) : .origin(hook),
            rows: [],
            otherwise: segments.first.map(id) ?? id(.notRedirected))
    }

    private func node(ofSegment index: Int) -> FlowNode {
        let segment = segments[index]
        let rules = rules(of: segment)
        let isExhaustive = rules.contains { $0.matches.isEmpty && $0.action.endsOrJumps }
        return FlowNode(
            id: id(segment), kind: .segment(segment),
            rows: rows(
                rules, leaving: behind(segment.stage), stage: segment.stage, isBase: true),
            otherwise: isExhaustive ? nil : behind(segmentAt: index))
    }

    private func node(of chain: Chain) -> FlowNode {
        let known = calls.known(of: chain.name)
        let isExhaustive = chain.rules.contains {
            $0.action.endsOrJumps && known.isSuperset(of: $0.matches)
        }
        let exit = behind(chain.name)
        return FlowNode(
            id: id(chain.name), kind: .chain(chain.name),
            rows: rows(chain.rules, leaving: exit, stage: chain.stage, isBase: false),
            otherwise: isExhaustive ? nil : exit)
    }

    private func rows(
        _ rules: [Rule], leaving exit: String, stage: Stage, isBase: Bool
    ) -> [FlowRow] {
        rules.withTwinsTogether.map { indices in
            let rule = rules[indices.lowerBound]
            var effect: String?
            let target: String?
            switch rule.action {
            case .return: target = exit
            case .jump(let name): target = id(name)
            case .redirect(let port): target = id(.proxy(port))
            case .drop: target = id(.dropped)
            case .yieldToDockerDNS: target = stage == .nat ? id(.dockerDNS) : exit
            case .log:
                target = nil
                effect = words.actionWords(rule, isBase: true)
            case .conntrackZone:
                target = behind(stage)
                effect = words.actionWords(rule, isBase: true)
            }
            return FlowRow(
                numbers: (indices.lowerBound + 1)...indices.upperBound,
                condition: words.condition(of: rules[indices]),
                action: words.actionWords(rule, isBase: isBase), effect: effect,
                rationale: rule.rationale, target: target)
        }
    }

    private func rules(of segment: FlowSegment) -> [Rule] {
        let base = ruleset.baseChain(segment.stage, hook)
        return switch segment.part {
        case .first: base?.first ?? []
        case .last: base?.last ?? []
        }
    }

    /// Returns the next node of a packet that leaves a base chain: the next stage.
    private func behind(_ stage: Stage) -> String {
        segments.first { $0.stage.priority > stage.priority }.map(id) ?? id(.notRedirected)
    }

    private func behind(segmentAt index: Int) -> String {
        index + 1 < segments.count ? id(segments[index + 1]) : id(.notRedirected)
    }

    /// Returns the next node of a packet that leaves a chain: where all callers continue.
    ///
    /// It is `afterJump` if they differ, or if a rule follows the jump.
    private func behind(_ chain: ChainName) -> String {
        let targets = Set(
            calls.of(chain).map { call in
                guard call.isLast else { return id(.afterJump) }
                return switch call.list {
                case .chain(let caller): behind(caller)
                case .first(let stage, _): behind(stage, .first)
                case .last(let stage, _): behind(stage, .last)
                }
            })
        return targets.count == 1 ? targets.first ?? id(.afterJump) : id(.afterJump)
    }

    private func behind(_ stage: Stage, _ part: FlowSegment.Part) -> String {
        let index = segments.firstIndex { $0.stage == stage && $0.part == part }
        return index.map(behind(segmentAt:)) ?? id(.notRedirected)
    }

    private var possibleEnds: [FlowEnd] {
        let ports = Set(
            ruleset.locatedRules.compactMap { located -> Port? in
                guard case .redirect(let port) = located.rule.action else { return nil }
                return port
            })
        return ports.sorted().map(FlowEnd.proxy) + [
            .dropped, .dockerDNS, .afterJump, .notRedirected,
        ]
    }

    private func id(_ segment: FlowSegment) -> String {
        "\(hook.rawValue)_\(segment.stage.rawValue)_\(segment.part.rawValue)"
    }

    private func id(_ chain: ChainName) -> String { "\(hook.rawValue)_chain_\(chain)" }

    private func id(_ end: FlowEnd) -> String {
        let name =
            switch end {
            case .proxy(let port): "proxy_\(port)"
            case .dropped: "dropped"
            case .dockerDNS: "docker_dns"
            case .afterJump: "after_jump"
            case .notRedirected: "not_redirected"
            }
        return "\(hook.rawValue)_to_\(name)"
    }
}

extension Action {
    /// Whether no packet that the rule matches reaches the next rule, unless a chain returns it.
    fileprivate var endsOrJumps: Bool {
        switch self {
        case .return, .redirect, .drop, .conntrackZone, .yieldToDockerDNS, .jump: true
        case .log: false
        }
    }
}
