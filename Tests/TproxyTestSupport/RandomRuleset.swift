import Addressing
package import Rehearsal
package import RuleIR
package import RuleTrace

/// Random rulesets and packets with few values, so that packets often match rules.
package struct RandomRuleset {
    private var random: SeededGenerator

    package init(_ random: SeededGenerator) {
        self.random = random
    }

    private static let interfaces = ["lo", "eth0", "docker0", "dock+", "e+"]
    private static let names = ["lo", "eth0", "eth1", "docker0", "dock", "wlan0"]

    /// A valid ruleset; invalid ones are discarded.
    package mutating func ruleset() -> Ruleset {
        while true {
            let made = candidate()
            if (try? made.check()) != nil { return made }
        }
    }

    /// Rules as a host may have them: with actions that our rulesets never have, and rules that are
    /// known only in part.
    package mutating func hookRules() -> HookRules {
        var rules = HookRules(ruleset())
        for base in rules.bases.indices {
            vary(&rules.bases[base].rules)
        }
        for name in rules.chains.keys.sorted() {
            vary(&rules.chains[name, default: []])
        }
        // Two NAT chains on a hook, and a later one that may drop.
        rules.bases += rules.bases.filter(\.isNAT).map { base in
            var later = base
            later.isNAT = Bool.random(using: &random)
            return later
        }
        return rules
    }

    private mutating func vary(_ rules: inout [TracedRule]) {
        for index in rules.indices {
            rules[index].place += " \(random.next())"
            rules[index].isComplete = Int.random(in: 0..<5, using: &random) > 0
            switch (rules[index].action, Int.random(in: 0..<8, using: &random)) {
            case (_, 0): rules[index].action = .accept
            case (_, 1): rules[index].action = .drop
            case (_, 2):
                rules[index].action = .translate(to: .localhost(.ipv4), port())
                rules[index].matches.insert(.family(.ipv4), at: 0)
            case (_, 3): rules[index].action = .unknown("?")
            case (.jump(let name), 4): rules[index].action = .goto(name)
            case _: break
            }
        }
    }

    private mutating func candidate() -> Ruleset {
        let names = [("A", Stage.nat), ("B", .nat), ("C", .nat), ("D", .mangle), ("E", .raw)]
        let chains = names.compactMap { text, stage in
            ChainName(text).map { (name: $0, stage: stage) }
        }
        /// A chain jumps to later ones only, so that there is no loop.
        func targets(_ stage: Stage, after index: Int = -1) -> [ChainName] {
            chains[(index + 1)...].filter { $0.stage == stage }.map(\.name)
        }
        var bases: [BaseChain] = []
        for (stage, hook) in [
            (Stage.raw, Hook.output), (.mangle, .prerouting), (.nat, .prerouting), (.nat, .output),
        ] {
            bases.append(
                BaseChain(
                    stage, hook, first: rules(stage, hook, targets(stage)),
                    last: rules(stage, hook, targets(stage))))
        }
        var regular: [Chain] = []
        for (index, chain) in chains.enumerated() {
            let hook: Hook? =
                switch chain.stage {
                case .raw: .output
                case .mangle: .prerouting
                case .nat: nil
                }
            regular.append(
                Chain(
                    chain.name, chain.stage,
                    rules(chain.stage, hook, targets(chain.stage, after: index))))
        }
        return Ruleset(
            instance: .mesh, families: Bool.random(using: &random) ? [.ipv4, .ipv6] : [.ipv4],
            sets: sets(), baseChains: bases, chains: regular)
    }

    private mutating func sets() -> [NamedSet] {
        func members<Value>(_ values: [Value]) -> [NamedSet.Member<Value>] {
            values.enumerated().map { .init($1, source: "list[\($0)]") }
        }
        let flow = OwnedFlow(
            protocols: [.tcp], ports: [PortRange(port()), PortRange(port())],
            owners: [UserIDRange(user()), UserIDRange(user())])
        let all = OwnedFlow(
            protocols: TransportProtocol.allCases, ports: [.all], owners: [UserIDRange(user())])
        return [
            NamedSet(SetName("four"), .addresses(.ipv4, members([prefix(.ipv4), prefix(.ipv4)]))),
            NamedSet(SetName("six"), .addresses(.ipv6, members([prefix(.ipv6), prefix(.ipv6)]))),
            NamedSet(SetName("ports"), .ports(members([PortRange(port()), PortRange(port())]))),
            NamedSet(SetName("flows"), .ownedFlows(members([flow, all]))),
        ]
    }

    private mutating func rules(
        _ stage: Stage, _ hook: Hook?, _ chains: [ChainName]
    ) -> [Rule] {
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
            Rule(
                matches(stage, hook), then: action(stage, chains),
                because: Rationale("random", key: "none"))
        }
    }

    private mutating func matches(_ stage: Stage, _ hook: Hook?) -> [Match] {
        let family = AddressFamily.allCases.randomElement(using: &random) ?? .ipv4
        var matches: [Match] = [.transport(Bool.random(using: &random) ? .tcp : .udp)]
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            matches.append(match(family, stage, hook))
        }
        return matches
    }

    private mutating func match(
        _ family: AddressFamily, _ stage: Stage, _ hook: Hook?
    ) -> Match {
        let kinds = MatchKind.allCases.filter { Self.isPossible($0, stage, hook) }
        let set = SetName(family == .ipv4 ? "four" : "six")
        let pattern =
            InterfacePattern(Self.interfaces.randomElement(using: &random) ?? "lo")
            ?? InterfacePattern(.loopback)
        let variant = Int.random(in: 0..<3, using: &random)
        return switch kinds.randomElement(using: &random) ?? .family {
        case .family: .family(family)
        case .transport: .transport(.tcp)
        case .source: .source(variant == 0 ? .notInSet(set, family) : .of(prefix(family)))
        case .destination where variant == 0: .destination(.of(prefix(family)))
        case .destination where variant == 1: .destination(.notOf(prefix(family)))
        case .destination: .destination(.inSet(set, family))
        case .sourcePort: .sourcePort(.port(port()))
        case .destinationPort where variant == 0: .destinationPort(.set(SetName("ports")))
        case .destinationPort: .destinationPort(.port(port()))
        case .inputInterface: .inputInterface(pattern)
        case .outputInterface: .outputInterface(pattern)
        case .owner: .owner(.is(user()))
        case .ownerIsNot: .owner(.isNot(user()))
        case .ownedFlow: .ownedFlow(SetName("flows"))
        case .connectionState: .connectionState(.new)
        }
    }

    /// Whether a rule of the stage and hook may have a match of this kind.
    private static func isPossible(_ kind: MatchKind, _ stage: Stage, _ hook: Hook?) -> Bool {
        switch kind {
        // Every rule has one already.
        case .transport: false
        case .inputInterface: hook == .prerouting
        case .outputInterface, .owner, .ownerIsNot, .ownedFlow: hook != .prerouting
        case .connectionState: stage != .raw
        case .family, .source, .destination, .sourcePort, .destinationPort: true
        }
    }

    private mutating func action(_ stage: Stage, _ chains: [ChainName]) -> Action {
        let kinds = ActionKind.allCases.filter { Self.isPossible($0, stage) }
        return switch kinds.randomElement(using: &random) ?? .return {
        case .return: .return
        case .jump: chains.randomElement(using: &random).map { .jump($0) } ?? .return
        case .redirect: .redirect(port())
        case .drop: .drop
        case .log: LogLevel(4).map { .log(prefix: .output, level: $0) } ?? .return
        case .conntrackZone: .conntrackZone(2)
        case .yieldToDockerDNS: .yieldToDockerDNS
        }
    }

    private static func isPossible(_ kind: ActionKind, _ stage: Stage) -> Bool {
        switch kind {
        case .return, .jump: true
        case .conntrackZone: stage == .raw
        case .drop: stage == .mangle
        case .redirect, .log, .yieldToDockerDNS: stage == .nat
        }
    }

    /// A packet that a host can have.
    package mutating func packet() -> Packet {
        let family = AddressFamily.allCases.randomElement(using: &random) ?? .ipv4
        let isOutgoing = Bool.random(using: &random)
        let name = Self.names.randomElement(using: &random) ?? "eth0"
        let isLocal = isOutgoing && name == "lo"
        return Packet(
            direction: isOutgoing ? .outgoing : .incoming,
            transport: Bool.random(using: &random) ? .tcp : .udp,
            owner: isOutgoing && Int.random(in: 0...4, using: &random) > 0 ? user() : nil,
            source: address(family), sourcePort: port(),
            destination: isLocal ? .localhost(family) : address(family), destinationPort: port(),
            interface: InterfaceName(!isOutgoing && name == "lo" ? "eth0" : name) ?? .ethernet)
    }

    private mutating func address(_ family: AddressFamily) -> IPAddress {
        let base: UInt128 = family == .ipv4 ? 0x0A00_0000 : 0xFD00 << 112
        return IPAddress(family: family, bits: base + UInt128.random(in: 0...40, using: &random))
    }

    private mutating func prefix(_ family: AddressFamily) -> IPPrefix {
        let address = address(family)
        let length = family.bitWidth - Int.random(in: 0...4, using: &random)
        return IPPrefix(address, length: length) ?? IPPrefix(address)
    }

    private mutating func port() -> Port {
        [.web, .dns, .secureWeb, .service, .outboundDefault].randomElement(using: &random) ?? .web
    }

    private mutating func user() -> UserID {
        [.root, .kumaDefault, .arbitrary].randomElement(using: &random) ?? .root
    }
}
