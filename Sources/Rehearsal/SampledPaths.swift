import Addressing
import RuleIR
import RuleTrace

extension PathGenerator {
    /// Adds, for each list of a match, packets with its first and last item and one next to it.
    mutating func addSamples() {
        for (location, rule) in ruleset.locatedRules {
            let isIncoming: Bool
            switch location.list {
            case .first(.nat, .prerouting), .last(.nat, .prerouting): continue
            case .first(.nat, .output), .last(.nat, .output): isIncoming = false
            case .first, .last: continue
            case .chain(let name):
                guard ruleset.chain(named: name)?.stage == .nat else { continue }
                isIncoming = reachedFromPrerouting(name)
            }
            for match in rule.matches {
                addSamples(of: match, rule, isIncoming: isIncoming)
            }
        }
    }

    private func reachedFromPrerouting(_ name: ChainName) -> Bool {
        let base = ruleset.baseChain(.nat, .prerouting)
        return ((base?.first ?? []) + (base?.last ?? [])).contains { $0.action == .jump(name) }
    }

    private mutating func addSamples(of match: Match, _ rule: Rule, isIncoming: Bool) {
        switch match {
        case .source(let test), .destination(let test):
            guard case .set(let name, let family) = test.addresses,
                case .addresses(_, let members) = ruleset.set(named: name)?.members
            else { return }
            for member in Self.ends(members) {
                addAddresses(around: member.value, family, rule, isIncoming: isIncoming)
            }
        case .sourcePort(let test), .destinationPort(let test):
            guard case .set(let name) = test,
                case .ports(let members) = ruleset.set(named: name)?.members
            else { return }
            for member in Self.ends(members) {
                addPorts(around: member.value, rule, isIncoming: isIncoming)
            }
        case .ownedFlow(let name):
            guard case .ownedFlows(let members) = ruleset.set(named: name)?.members else { return }
            for member in members.prefix(8) {
                addFlows(around: member.value, rule)
            }
        case .family, .transport, .inputInterface, .outputInterface, .owner, .connectionState:
            return
        }
    }

    /// Returns the first and the last element, or the only one.
    private static func ends<Value>(_ members: [Value]) -> [Value] {
        members.count < 3 ? members : [members[0], members[members.count - 1]]
    }

    private mutating func addAddresses(
        around prefix: IPPrefix, _ family: AddressFamily, _ rule: Rule, isIncoming: Bool
    ) {
        let samples = [
            ("in \(prefix)", prefix.range.first), ("in \(prefix)", prefix.range.last),
            ("next to \(prefix)", prefix.range.last.advanced(by: 1)),
        ]
        for (words, address) in samples where !address.isSpecial {
            let name = "\(rule.rationale.reason), \(words)"
            if isIncoming {
                add(name, from: .peer, incoming(.tcp, family, .service, from: address))
                continue
            }
            let app = UserID.applicationUser
            let isResolver = setting.resolvers.contains(address)
            add(name, from: .host, outgoing(.tcp, owner: app, to: address, .web))
            if isResolver || rule.action == .return {
                add("\(name), DNS", from: .host, outgoing(.udp, owner: app, to: address, .dns))
            }
        }
    }

    private mutating func addPorts(around range: PortRange, _ rule: Rule, isIncoming: Bool) {
        var samples = [("port \(range.first)", range.first), ("port \(range.last)", range.last)]
        if let next = Port(Int(range.last.number) + 1) {
            samples.append(("port \(next), not listed", next))
        }
        for family in AddressFamily.allCases {
            let far = IPAddress(
                family: family, bits: family == .ipv4 ? 0xC633_6409 : 0x2001_0DB8 << 96 | 0x6409)
            for (words, port) in samples {
                let name = "\(family.displayName) \(rule.rationale.reason), \(words)"
                if isIncoming {
                    add(name, from: .peer, incoming(.tcp, family, port))
                } else {
                    let app = UserID.applicationUser
                    add(name, from: .host, outgoing(.tcp, owner: app, to: far, port))
                    add(
                        "\(name), UDP", from: .host, outgoing(.udp, owner: app, to: far, port))
                }
            }
        }
    }

    private mutating func addFlows(around flow: OwnedFlow, _ rule: Rule) {
        guard let ports = flow.ports.first, let owners = flow.owners.last else { return }
        let staysHere = rule.matches.contains { match in
            if case .outputInterface = match { true } else { false }
        }
        let host = RehearsalNetwork.addresses(.ipv4).host
        let target = staysHere ? host : IPAddress(family: .ipv4, bits: 0xC633_640A)
        let port = ports == .all ? Port.web : ports.first
        let nextOwner = UserID(UInt64(owners.last.number) + 1)
        for transport in TransportProtocol.allCases {
            let name = "\(rule.rationale.reason) \(flow), \(transport.rawValue)"
            for owner in Set([owners.first, owners.last]).sorted() {
                add(
                    "\(name) by \(owner)", from: .host,
                    outgoing(transport, owner: owner, to: target, port))
            }
            if let nextOwner {
                add(
                    "\(name) by \(nextOwner), not listed", from: .host,
                    outgoing(transport, owner: nextOwner, to: target, port))
            }
            if ports != .all, let next = Port(Int(ports.last.number) + 1) {
                add(
                    "\(name) to port \(next), not listed", from: .host,
                    outgoing(transport, owner: owners.first, to: target, next))
            }
        }
    }
}

extension IPAddress {
    /// Whether a rehearsal can't use the address: it is reserved, multicast or our own.
    var isSpecial: Bool {
        switch family {
        case .ipv4: bits >> 24 == 0 || bits >> 28 >= 0xE || isLoopback
        // ff00::/8, and embedded IPv4 addresses. fe80::/10 and fec0::/10 have a narrower scope: the
        // kernel redirects to an address of the same scope (nf_nat_redirect_ipv6), which doesn't
        // exist here.
        case .ipv6:
            bits >> 120 == 0xFF || bits >> 119 == 0x1FD || bits >> 32 == 0 || bits >> 32 == 0xFFFF
        }
    }
}
