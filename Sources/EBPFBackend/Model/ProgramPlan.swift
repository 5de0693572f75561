package import Addressing
package import RuleIR

/// What the eBPF programs evaluate: the rules as steps, and the sets that they look up.
///
/// It is a pure function of the ruleset. What depends on the host is added when it is loaded.
package struct ProgramPlan: Hashable, Sendable {
    /// The steps of outgoing connections and datagrams, then those of incoming connections.
    package internal(set) var steps: [Step] = []
    /// The index of the first step of incoming connections.
    package internal(set) var inbound = 0
    package internal(set) var flows: [FlowRectangle] = []
    package internal(set) var addressSets: [[IPPrefix]] = []
    package internal(set) var portSets: [[PortRange]] = []
    package internal(set) var names = SetNames()
    /// The families of the rules; packets of others aren't tested.
    package internal(set) var families: [AddressFamily] = []
    /// The rules that have a counter, in its order.
    package internal(set) var rules: [CountedRule] = []
    /// The proxy's port for incoming connections.
    package internal(set) var inboundPort: Port?
    /// The ports that TCP connections are redirected to, in the order of the steps.
    package internal(set) var proxyPorts: [Port] = []

    /// A test, or the outcome of a rule.
    package enum Step: Hashable, Sendable {
        /// Continues at the next step if the test holds, and at `otherwise` if not.
        case test(Test, isNegated: Bool, otherwise: Int)
        /// The rule continues at another step.
        case goTo(Int, rule: Int)
        case bypass(rule: Int)
        case redirect(Port, rule: Int)
        /// No rule decides.
        case end
    }

    package enum Test: Hashable, Sendable {
        case family(AddressFamily)
        case transport(TransportProtocol)
        case source(IPPrefix)
        /// The address set with this index.
        case sourceInSet(Int)
        case destination(IPPrefix)
        case destinationInSet(Int)
        case sourcePort(Port)
        /// The port set with this index.
        case sourcePortInSet(Int)
        case destinationPort(Port)
        case destinationPortInSet(Int)
        case owner(UserID)
        /// The flows with these indices.
        case ownedFlow(Range<Int>)
        /// The destination is an address of this host.
        case local
    }
}

/// A rule that the programs count.
package struct CountedRule: Hashable, Sendable {
    package var location: RuleLocation
    package var rationale: Rationale
    /// The chain that the rule jumps to.
    package var target: ChainName?
}

/// The names of the sets in the rules, in the order of their numbers in the steps.
package struct SetNames: Hashable, Sendable {
    package struct Addresses: Hashable, Sendable {
        package var name: SetName
        package var family: AddressFamily
    }

    package struct Flows: Hashable, Sendable {
        package var name: SetName
        package var range: Range<Int>
    }

    package var addresses: [Addresses] = []
    package var ports: [SetName] = []
    package var flows: [Flows] = []
}

extension ProgramPlan {
    /// The limits of the programs and their maps.
    package enum Limit {
        package static let steps = 192
        package static let flows = 64
        /// The prefixes of all address sets together.
        package static let prefixes = 131_072
        package static let portSets = 16
        package static let proxyPorts = 4
    }
}
