import Addressing
import RuleIR

/// The rules of a ruleset, found by their keys.
struct KeyedRules {
    private let ruleset: Ruleset
    private let rules: [(location: RuleLocation, rule: Rule)]

    init(_ ruleset: Ruleset) {
        self.ruleset = ruleset
        rules = ruleset.locatedRules
    }

    // MARK: Redirections

    var outgoing: ReviewSummary.Redirection? {
        guard let target = redirect(key: "redirect.outbound.port") else { return nil }
        let entries = rules.filter {
            $0.rule.action == .jump(target.chain)
                && ["redirect.outbound.enabled", "redirect.outbound.includePorts"]
                    .contains($0.rule.rationale.key)
        }.map(\.rule)
        guard !entries.isEmpty else { return nil }
        let exceptions: [ReviewSummary.Selection?] = [
            owners(key: "kumaDPUser").map { .owners($0) },
            flows(key: "redirect.outbound.excludePortsForUIDs").map { .flows($0) },
            ports(of: bypasses(key: "redirect.outbound.excludePorts")).map { .ports($0) },
            addresses(of: bypasses(key: "redirect.outbound.excludePortsForIPs"))
                .map { .networks($0) },
        ]
        return ReviewSummary.Redirection(
            port: target.port, only: ports(of: entries).map { [.ports($0)] } ?? [],
            exceptions: exceptions.compactMap(\.self))
    }

    var incoming: ReviewSummary.Redirection? {
        guard let target = redirect(key: "redirect.inbound.port") else { return nil }
        let entries = rules.filter {
            $0.rule.action == .jump(target.chain)
                && ["redirect.inbound.enabled", "redirect.inbound.includePorts"]
                    .contains($0.rule.rationale.key)
        }.map(\.rule)
        guard !entries.isEmpty else { return nil }
        let exceptions: [ReviewSummary.Selection?] = [
            flows(key: "redirect.inbound.excludePortsForUIDs").map { .flows($0) },
            ports(of: bypasses(key: "redirect.inbound.excludePorts")).map { .ports($0) },
            excludedSources.isEmpty ? nil : .networks(excludedSources),
        ]
        return ReviewSummary.Redirection(
            port: target.port, only: ports(of: entries).map { [.ports($0)] } ?? [],
            exceptions: exceptions.compactMap(\.self))
    }

    var dns: ReviewSummary.Redirection? {
        let entries = rules.filter {
            guard case .redirect = $0.rule.action else { return false }
            return ["redirect.dns.captureAll", "redirect.dns.resolvConfigPath"]
                .contains($0.rule.rationale.key)
        }.map(\.rule)
        guard case .redirect(let port) = entries.first?.action else { return nil }
        let servers = addresses(of: entries)
        return ReviewSummary.Redirection(
            port: port, only: servers.map { [.servers($0)] } ?? [])
    }

    var virtualNetworks: [ReviewSummary.VirtualNetwork] {
        var networks: [ReviewSummary.VirtualNetwork] = []
        for (_, rule) in rules where rule.rationale.key == "redirect.vnet.networks" {
            guard case .redirect(let port) = rule.action, let interface = rule.inputInterface
            else { continue }
            let known = networks.firstIndex { $0.interface == interface }
            if known == nil { networks.append(.init(interface: interface)) }
            let index = known ?? networks.count - 1
            switch rule.transport {
            case .udp: networks[index].dns = port
            case .tcp, nil: networks[index].tcp = port
            }
        }
        return networks
    }

    var excludedSources: [IPPrefix] {
        addresses(of: bypasses(key: "redirect.inbound.excludePortsForIPs")) ?? []
    }

    // MARK: Values

    /// Returns the chain with the redirect of this key, and its port.
    private func redirect(key: String) -> (chain: ChainName, port: Port)? {
        for (location, rule) in rules where rule.rationale.key == key {
            if case .chain(let name) = location.list, case .redirect(let port) = rule.action {
                return (name, port)
            }
        }
        return nil
    }

    private func bypasses(key: String) -> [Rule] {
        rules.map(\.rule).filter { $0.rationale.key == key && $0.action.isBypass }
    }

    /// Returns the ports that the rules match; nil if one matches all.
    private func ports(of rules: [Rule]) -> [PortRange]? {
        let lists = rules.compactMap { rule -> [PortRange]? in
            for case .destinationPort(let test) in rule.matches { return ports(of: test) }
            return nil
        }
        guard lists.count == rules.count, !lists.isEmpty else { return nil }
        return lists.flatMap(\.self).withoutDuplicates
    }

    private func ports(of test: PortTest) -> [PortRange] {
        switch test {
        case .port(let port): return [PortRange(port)]
        case .set(let name):
            guard case .ports(let members) = ruleset.set(named: name)?.members else { return [] }
            return members.map(\.value)
        }
    }

    /// Returns the addresses that the rules match; nil if there are none.
    private func addresses(of rules: [Rule]) -> [IPPrefix]? {
        let found = rules.flatMap { rule in
            rule.matches.flatMap { match -> [IPPrefix] in
                switch match {
                case .source(let test), .destination(let test):
                    test.isNegated ? [] : addresses(of: test)
                case .family, .transport, .sourcePort, .destinationPort, .inputInterface,
                    .outputInterface, .owner, .ownedFlow, .connectionState:
                    []
                }
            }
        }
        return found.isEmpty ? nil : found.withoutDuplicates
    }

    private func addresses(of test: AddressTest) -> [IPPrefix] {
        switch test.addresses {
        case .prefix(let prefix): return [prefix]
        case .set(let name, _):
            guard case .addresses(_, let members) = ruleset.set(named: name)?.members else {
                return []
            }
            return members.map(\.value)
        }
    }

    /// Returns the owners whose packets bypass the proxy whatever their destination.
    private func owners(key: String) -> [UserIDRange]? {
        let owners = bypasses(key: key).compactMap { rule -> UserIDRange? in
            let matches = rule.matches.filter { !$0.isOfFamily }
            guard matches.count == 1, case .owner(.is(let user)) = matches[0] else { return nil }
            return UserIDRange(user)
        }
        return owners.isEmpty ? nil : owners.withoutDuplicates
    }

    private func flows(key: String) -> [OwnedFlow]? {
        let flows = bypasses(key: key).flatMap { rule in
            rule.matches.flatMap { match -> [OwnedFlow] in
                guard case .ownedFlow(let name) = match,
                    case .ownedFlows(let members) = ruleset.set(named: name)?.members
                else { return [] }
                return members.map(\.value)
            }
        }
        return flows.isEmpty ? nil : flows.withoutDuplicates
    }
}

extension Match {
    fileprivate var isOfFamily: Bool {
        switch self {
        case .family: true
        case .transport, .source, .destination, .sourcePort, .destinationPort, .inputInterface,
            .outputInterface, .owner, .ownedFlow, .connectionState:
            false
        }
    }
}

extension Rule {
    fileprivate var inputInterface: InterfacePattern? {
        for case .inputInterface(let pattern) in matches { return pattern }
        return nil
    }
}

extension [PortRange] {
    fileprivate var withoutDuplicates: [PortRange] { PortRange.merging(self) }
}

extension Array where Element: Hashable {
    /// The elements, each at its first place.
    fileprivate var withoutDuplicates: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
