package import Addressing
package import RuleIR

/// A place on a packet's way.
package struct FlowNode: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Where the packets of a hook come from.
        case origin(Hook)
        case segment(FlowSegment)
        case chain(ChainName)
        case end(FlowEnd)
    }

    /// Letters, digits and `_`, so that no language takes it for anything else; unique in a flow.
    package var id: String
    package var kind: Kind
    /// The rules that stand here, in order.
    package var rows: [FlowRow]
    /// Where packets go that no rule here sends elsewhere; nil when there can't be any.
    package var otherwise: String?
}

/// A rule on a packet's way.
package struct FlowRow: Hashable, Sendable {
    /// Counted from 1.
    package var number: Int
    /// What a packet must be, in words.
    package var condition: String
    /// What the rule does beside sending the packet on: a line in a log, a conntrack zone.
    package var effect: String?
    package var rationale: Rationale
    /// The node where the packet goes on; nil when that is the next rule.
    package var target: String?
}

/// One part of a base chain.
package struct FlowSegment: Hashable, Sendable {
    package enum Part: String, Hashable, Sendable {
        /// Before other programs' rules of the same stage.
        case first
        /// After them.
        case last
    }

    package var stage: Stage
    package var hook: Hook
    package var part: Part
    /// A chain with a lower number runs earlier on the hook.
    package var priority: Int

    /// The parts of `base` that have rules; `offset` is how far they are from the stage's priority.
    package static func segments(of base: BaseChain, offset: Int) -> [FlowSegment] {
        func segment(_ part: Part, _ offset: Int) -> FlowSegment {
            FlowSegment(
                stage: base.stage, hook: base.hook, part: part,
                priority: base.stage.priority + offset)
        }
        // Exemptions alone stand at the head of the later chain.
        let first = segment(.first, base.early.isEmpty ? offset : -offset)
        return (base.first.isEmpty ? [] : [first])
            + (base.last.isEmpty ? [] : [segment(.last, offset)])
    }
}

/// Where a packet's way through our rules ends.
package enum FlowEnd: Hashable, Sendable {
    /// The proxy takes the connection at this port of the host.
    case proxy(Port)
    case dropped
    /// Docker's own rules for its DNS server.
    case dockerDNS
    /// The chain's callers differ in what comes next.
    case behindJump
    /// A rule let it go, or no rule was about it.
    case onItsWay
}
