import Addressing
import CEBPF
package import RuleIR

/// The programs of a plan, what they are attached to, and the contents of their maps.
///
/// It is a pure function of the plan and the settings. What depends on the host is named, not
/// filled in.
package struct ProgramListing: Hashable, Sendable, Encodable {
    package struct Program: Hashable, Sendable, Encodable {
        package var name: String
        /// The hook, as bpftool(8) names it.
        package var hook: String
        /// `cgroup` or `netns`.
        package var attachedTo: String
    }

    /// A test or an outcome, in the order in which the programs follow them.
    package struct Step: Hashable, Sendable, Encodable {
        package var number: Int
        /// `test`, `goto`, `bypass`, `redirect` or `end`.
        package var kind: String
        /// The test, such as `destination port 53`.
        package var test: String?
        /// The step if the test doesn't hold, or of a goto.
        package var next: Int?
        package var port: UInt16?
        /// The number of the rule, which is that of its counter.
        package var rule: Int?
    }

    /// A rule that the programs count.
    package struct Rule: Hashable, Sendable, Encodable {
        package var number: Int
        /// The chain or segment, and the position in it from 1.
        package var list: String
        package var position: Int
        package var reason: String
        package var key: String
    }

    /// An address set or a port set.
    package struct Elements: Hashable, Sendable, Encodable {
        package var number: Int
        package var name: String
        package var elements: [String]
    }

    package struct Map: Hashable, Sendable, Encodable {
        package var name: String
        /// The type, as bpftool(8) names it.
        package var type: String
        /// The maximum number of elements; nil if it depends on the host.
        package var entries: Int?
        /// The contents in words.
        package var holds: String
        /// Whether it stays when the programs are replaced.
        package var lasts: Bool
    }

    package var name: String
    package var digest: String
    package var programs: [Program]
    /// The cgroup; nil for the root of cgroup v2.
    package var cgroup: String?
    /// The interface of incoming connections; nil for all.
    package var interface: String?
    /// The BPF file system of the links; nil for the host's.
    package var bpffs: String?
    package var inboundPort: UInt16?
    package var proxyPorts: [UInt16]
    /// The steps of outgoing connections and datagrams begin at 0.
    package var steps: [Step]
    /// The first step of incoming connections.
    package var inbound: Int
    package var flows: [String]
    package var rules: [Rule]
    package var addressSets: [Elements]
    package var portSets: [Elements]
    package var maps: [Map]

    package init(_ plan: ProgramPlan, _ settings: EBPFSettings, _ instance: InstanceName) {
        name = BackendName.ebpf.placement.location(of: instance, by: BackendName.ebpf.text)
        digest = plan.image.digest
        programs = HookedProgram.all.map {
            Program(
                name: $0.name, hook: $0.hook, attachedTo: $0.isOfNamespace ? "netns" : "cgroup")
        }
        cgroup = settings.cgroupPath
        interface = settings.interface?.text
        bpffs = settings.bpffsPath
        inboundPort = plan.inboundPort?.number
        proxyPorts = plan.proxyPorts.map(\.number)
        steps = plan.steps.enumerated().map { Step($0, $1, plan.names) }
        inbound = plan.inbound
        flows = plan.flows.map(\.description)
        rules = plan.rules.enumerated().map { number, rule in
            Rule(
                number: number, list: "\(rule.location.list)", position: rule.location.index + 1,
                reason: rule.rationale.reason, key: rule.rationale.key)
        }
        addressSets = zip(plan.names.addresses, plan.addressSets).enumerated().map { number, set in
            Elements(
                number: number, name: set.0.name.text, elements: set.1.map(\.description))
        }
        portSets = zip(plan.names.ports, plan.portSets).enumerated().map { number, set in
            Elements(number: number, name: set.0.text, elements: set.1.map(\.description))
        }
        maps = Map.all(of: plan)
    }
}

extension ProgramListing.Step {
    fileprivate init(_ number: Int, _ step: ProgramPlan.Step, _ names: SetNames) {
        switch step {
        case .test(let test, let isNegated, let otherwise):
            self.init(
                number: number, kind: "test", test: test.words(isNegated: isNegated, names),
                next: otherwise)
        case .goTo(let next, let rule):
            self.init(number: number, kind: "goto", next: next, rule: rule)
        case .bypass(let rule): self.init(number: number, kind: "bypass", rule: rule)
        case .redirect(let port, let rule):
            self.init(number: number, kind: "redirect", port: port.number, rule: rule)
        case .end: self.init(number: number, kind: "end")
        }
    }
}

extension ProgramListing.Map {
    fileprivate static func all(of plan: ProgramPlan) -> [Self] {
        let prefixes = plan.addressSets.reduce(0) { $0 + $1.count }
        return [
            Self(
                name: ".rodata", type: "array", entries: 1,
                holds: "ports, steps and flows; the namespace and the interface of the host",
                lasts: false),
            Self(
                name: name(CEBPF_ADDRESSES), type: "lpm_trie", entries: max(prefixes, 1),
                holds: "the prefixes of the address sets", lasts: false),
            Self(
                name: name(CEBPF_PORTS), type: "array", entries: max(plan.portSets.count, 1),
                holds: "a bit for each port of a port set", lasts: false),
            Self(
                name: name(CEBPF_OWN_ADDRESSES), type: "hash", entries: nil,
                holds: "the addresses of the host", lasts: false),
            Self(
                name: name(CEBPF_COUNTERS), type: "percpu_array",
                entries: max(plan.rules.count, 1), holds: "connections by rule", lasts: false),
            Self(
                name: name(CEBPF_LISTENERS), type: "sockmap",
                entries: 2 * Int(TPROXY_EBPF_LISTENERS),
                holds: "the proxy's listeners for incoming connections", lasts: false),
            Self(
                name: name(CEBPF_ORIGINS), type: "sk_storage", entries: nil,
                holds: "original destinations, with their sockets", lasts: true),
            Self(
                name: name(CEBPF_PENDING), type: "lru_hash", entries: Int(TPROXY_EBPF_PENDING),
                holds: "original destinations of connections that the proxy has not accepted",
                lasts: true),
            Self(
                name: MapReading.recordName, type: "array", entries: 1,
                holds: "version, digest, and the names of rules and sets", lasts: false),
        ]
    }

    private static func name(_ map: cebpf_map) -> String {
        unsafe String(cString: cebpf_map_name(Int32(map.rawValue)))
    }
}

extension ProgramPlan.Test {
    /// The test as text, such as `not destination 10.0.0.0/8`.
    func words(isNegated: Bool, _ names: SetNames) -> String {
        func addresses(_ set: Int) -> String {
            names.addresses.indices.contains(set) ? "@\(names.addresses[set].name)" : "set \(set)"
        }
        func ports(_ set: Int) -> String {
            names.ports.indices.contains(set) ? "@\(names.ports[set])" : "set \(set)"
        }
        let text =
            switch self {
            case .family(let family): "family \(family.rawValue)"
            case .transport(let transport): "protocol \(transport.rawValue)"
            case .source(let prefix): "source \(prefix)"
            case .sourceInSet(let set): "source in \(addresses(set))"
            case .destination(let prefix): "destination \(prefix)"
            case .destinationInSet(let set): "destination in \(addresses(set))"
            case .sourcePort(let port): "source port \(port)"
            case .sourcePortInSet(let set): "source port in \(ports(set))"
            case .destinationPort(let port): "destination port \(port)"
            case .destinationPortInSet(let set): "destination port in \(ports(set))"
            case .owner(let user): "owner \(user)"
            case .ownedFlow(let range): "flow \(range.lowerBound) to \(range.upperBound - 1)"
            case .local: "destination on this host"
            }
        return isNegated ? "not \(text)" : text
    }
}
