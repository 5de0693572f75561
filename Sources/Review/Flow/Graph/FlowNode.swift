package import Addressing
package import RuleIR

/// A place on a packet path.
package struct FlowNode: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The source of the packets of a hook.
        case origin(Hook)
        /// The source of connections and datagrams, which programs decide before a packet exists.
        case socket(Hook)
        case segment(FlowSegment)
        case chain(ChainName)
        case end(FlowEnd)
    }

    /// A unique name of letters, digits and `_`, valid in every output language.
    package var id: String
    package var kind: Kind
    /// The rules of the node, in order.
    package var rows: [FlowRow]
    /// The target of packets that no rule here sends elsewhere; nil if there are none.
    package var otherwise: String?

    /// The list of the rules; nil for an origin or an end.
    package var list: RuleLocation.List? {
        switch kind {
        case .segment(let segment): segment.list
        case .chain(let name): .chain(name)
        case .origin, .socket, .end: nil
        }
    }
}

/// A rule on a packet path; a rule and its twin for IPv6 are one row.
package struct FlowRow: Hashable, Sendable {
    /// The positions in the list, from 1.
    package var numbers: ClosedRange<Int>
    /// The condition as text.
    package var condition: String
    /// The action as the plan names it, such as `return`.
    package var action: String
    /// The effect besides the target: a log line or a conntrack zone.
    package var effect: String?
    package var rationale: Rationale
    /// The node where the packet continues; nil for the next rule.
    package var target: String?
    /// The rules that were folded into this row, which have the same target.
    package var folded: [FlowRow] = []
}

/// One segment of a base chain.
package struct FlowSegment: Hashable, Sendable {
    package enum Part: String, Hashable, Sendable {
        /// Before other programs' rules of the same stage.
        case first
        /// After other programs' rules of the same stage.
        case last
    }

    package var stage: Stage
    package var hook: Hook
    package var part: Part
    /// The priority: a chain with a lower number runs earlier on the hook.
    ///
    /// Nil in programs, which are no chains.
    package var priority: Int?

    /// The list of rules.
    package var list: RuleLocation.List {
        switch part {
        case .first: .first(stage, hook)
        case .last: .last(stage, hook)
        }
    }

    /// Returns the segments of `base` that have rules.
    ///
    /// `offset` is their distance from the stage's priority; nil for programs.
    package static func segments(of base: BaseChain, offset: Int?) -> [FlowSegment] {
        func segment(_ part: Part, _ offset: Int?) -> FlowSegment {
            FlowSegment(
                stage: base.stage, hook: base.hook, part: part,
                priority: offset.map { base.stage.priority + $0 })
        }
        // Exclusions without other rules stand at the start of the later chain.
        let first = segment(.first, base.early.isEmpty ? offset : offset.map { -$0 })
        return (base.first.isEmpty ? [] : [first])
            + (base.last.isEmpty ? [] : [segment(.last, offset)])
    }
}

/// The end of a packet path through our rules.
package enum FlowEnd: Hashable, Sendable {
    /// The proxy accepts the connection on this port of the host.
    case proxy(Port)
    case dropped
    /// Docker's rules for its DNS server.
    case dockerDNS
    /// The packet returns to the calling chain, and the next rule depends on the caller.
    case afterJump
    /// The packet isn't redirected: a rule bypasses the proxy, or no rule matches.
    case notRedirected
}
