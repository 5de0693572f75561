package import Addressing
import RuleIR

/// What rules do to a packet, whichever of them does it.
package enum Treatment: Hashable, Sendable {
    /// The packet keeps its destination, and no rule drops it.
    case notRedirected
    case redirected(to: Port)
    /// The destination is now this address and port; nil leaves that part unchanged.
    case translated(to: IPAddress?, Port?)
    case dropped
    /// The conntrack zone of the packet's connection; 0 is the one of other traffic.
    case zone(UInt16)

    init(_ outcome: Explanation.Outcome) {
        switch outcome {
        case .redirected(let port): self = .redirected(to: port)
        case .translated(let address, let port): self = .translated(to: address, port)
        case .bypassed, .untouched: self = .notRedirected
        case .dropped: self = .dropped
        }
    }

    /// The aspects of a packet's treatment, which are compared separately.
    enum Aspect: CaseIterable {
        /// Where the packet goes.
        case destination
        /// The conntrack zone, which is known before the state of the connection is.
        case zone

        func matters(in state: ConnectionState) -> Bool {
            switch self {
            case .destination: true
            case .zone: state == .new
            }
        }

        func treatment(_ outcome: Explanation.Outcome, zone: UInt16) -> Treatment {
            switch self {
            case .destination: Treatment(outcome)
            case .zone: .zone(zone)
            }
        }
    }
}

extension Explanation {
    /// Where the packet goes, without the rule that decides it.
    package var treatment: Treatment { Treatment(outcome) }
}

/// The treatment that is asserted of packets.
package enum Expectation: Hashable, Sendable {
    case treatment(Treatment)
    /// To any port of this host.
    case redirected
    case notDropped

    func isMet(by outcome: Explanation.Outcome, zone: UInt16) -> Bool {
        switch self {
        case .treatment(.zone(let wanted)): zone == wanted
        case .treatment(let wanted): Treatment(outcome) == wanted
        case .redirected: if case .redirected = outcome { true } else { false }
        case .notDropped: outcome != .dropped
        }
    }
}
