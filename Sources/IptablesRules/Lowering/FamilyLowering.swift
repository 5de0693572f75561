package import Addressing
package import RuleIR

/// Lowers the rules of one family to the tables of iptables.
package struct FamilyLowering {
    private let ruleset: Ruleset
    private let family: AddressFamily
    private let expansion: RuleExpansion
    private var contents: [IptablesTable: TableContent] = [:]

    /// Returns the tables that aren't empty, in Kuma's order.
    package static func tables(of ruleset: Ruleset, _ family: AddressFamily) -> [TableContent] {
        guard ruleset.families.contains(family) else { return [] }
        var lowering = FamilyLowering(ruleset, family)
        lowering.run()
        return IptablesTable.allCases.compactMap { table in
            lowering.contents[table].flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    private init(_ ruleset: Ruleset, _ family: AddressFamily) {
        self.ruleset = ruleset
        self.family = family
        expansion = RuleExpansion(ruleset, family)
    }

    private mutating func run() {
        for chain in ruleset.chains {
            let table = IptablesTable(chain.stage)
            contents[table, default: TableContent(table: table)].chains
                .append(IptablesChain.name(of: chain.name))
        }
        for base in ruleset.baseChains {
            let table = IptablesTable(base.stage)
            let chain = IptablesChain.name(of: base.hook)
            for (index, rule) in base.first.enumerated() {
                let location = RuleLocation(.first(base.stage, base.hook), index)
                add(rule, location, to: table, chain, isHooked: true, isInserted: true)
            }
            for (index, rule) in base.last.enumerated() {
                let location = RuleLocation(.last(base.stage, base.hook), index)
                add(rule, location, to: table, chain, isHooked: true, isInserted: false)
            }
        }
        for chain in ruleset.chains {
            let table = IptablesTable(chain.stage)
            let name = IptablesChain.name(of: chain.name)
            for (index, rule) in chain.rules.enumerated() {
                let location = RuleLocation(.chain(chain.name), index)
                add(rule, location, to: table, name, isHooked: false, isInserted: false)
            }
        }
    }

    private mutating func add(
        _ rule: Rule, _ location: RuleLocation, to table: IptablesTable, _ chain: String,
        isHooked: Bool, isInserted: Bool
    ) {
        if let negated = NegatedSet(rule, in: ruleset) {
            addNegated(
                negated, rule, location, to: table, chain, isHooked: isHooked,
                isInserted: isInserted)
            return
        }
        for matches in expansion.matches(of: rule) {
            for target in targets(of: rule, endsHook: false) {
                place(
                    matches, target, rule, location, in: table, chain, isHooked: isHooked,
                    isInserted: isInserted)
            }
        }
    }

    /// Adds a rule with a negated set as a chain: each member returns, and the rule follows.
    ///
    /// A rule that returns becomes `ACCEPT` in that chain, because a return would only leave the
    /// chain. Both end the packet's path through the chain of the hook.
    private mutating func addNegated(
        _ negated: NegatedSet, _ rule: Rule, _ location: RuleLocation, to table: IptablesTable,
        _ chain: String, isHooked: Bool, isInserted: Bool
    ) {
        let name = "\(IptablesChain.negationPrefix)\(contents[table]?.chains.count ?? 0)"
        let outer = expansion.matches(
            of: Rule(negated.others, then: rule.action, because: rule.rationale))
        guard !outer.isEmpty else { return }
        contents[table, default: TableContent(table: table)].chains.append(name)
        for prefix in negated.members where prefix.family == family {
            let member = ["-d", RuleExpansion.text(prefix)]
            place(
                RuleMatches(destination: member, spelling: member), ["-j", "RETURN"], rule,
                location, in: table, name, isHooked: false, isInserted: false)
        }
        for matches in outer {
            for target in targets(of: rule, endsHook: true) {
                // A match on ports and a redirect require the protocol in the same rule.
                place(
                    matches.withoutInterface, target, rule, location, in: table, name,
                    isHooked: false, isInserted: false)
            }
        }
        place(
            RuleMatches(input: negated.interface, spelling: negated.interface), ["-j", name], rule,
            location, in: table,
            chain, isHooked: isHooked, isInserted: isInserted)
    }

    private mutating func place(
        _ matches: RuleMatches, _ target: [String], _ rule: Rule, _ location: RuleLocation,
        in table: IptablesTable, _ chain: String, isHooked: Bool, isInserted: Bool
    ) {
        let comment = ruleset.hasComments ? IptablesComment.text(rule.rationale) : nil
        let placed = PlacedRule(
            isInserted: isInserted, chain: chain,
            rule: IptablesRule(
                header: matches.header, extensions: matches.extensions, target: target,
                comment: comment),
            spelling: IptablesRule.arguments(comment, matches.spelling + target),
            location: location, rationale: rule.rationale)
        if isHooked {
            contents[table, default: TableContent(table: table)].hooked.append(placed)
        } else {
            contents[table, default: TableContent(table: table)].own.append(placed)
        }
    }

    /// Returns the targets of an action; each needs a rule of its own.
    private func targets(of rule: Rule, endsHook: Bool) -> [[String]] {
        let back = ["-j", endsHook ? "ACCEPT" : "RETURN"]
        switch rule.action {
        case .return: return [back]
        case .jump(let name): return [["-j", IptablesChain.name(of: name)]]
        case .redirect(let port): return [["-j", "REDIRECT", "--to-ports", "\(port)"]]
        case .drop: return [["-j", "DROP"]]
        case .log(let prefix, let level):
            return [
                ["-j", "LOG", "--log-prefix", prefix.rawValue, "--log-level", "\(level.number)"]
            ]
        case .conntrackZone(let zone): return [["-j", "CT", "--zone", "\(zone)"]]
        // Docker's chain exists for IPv4 only. A packet that it doesn't translate must not reach
        // our redirect.
        case .yieldToDockerDNS: return family == .ipv4 ? [["-j", "DOCKER_OUTPUT"], back] : [back]
        }
    }
}

/// A rule with a negated match on several blocks, or on one block beside another destination.
///
/// `-d` may appear only once in a rule.
private struct NegatedSet {
    private(set) var members: [IPPrefix] = []
    /// The match `-i NAME`, which belongs to the jump.
    private(set) var interface: [String] = []
    /// The matches of the rule except the negated one.
    private(set) var others: [Match] = []

    init?(_ rule: Rule, in ruleset: Ruleset) {
        var destinations = 0
        for match in rule.matches {
            switch match {
            case .destination(let test):
                destinations += 1
                guard test.isNegated else {
                    others.append(match)
                    continue
                }
                members += Self.members(of: test, in: ruleset)
                others.append(.family(test.family))
            case .inputInterface(let pattern):
                interface = ["-i", "\(pattern)"]
                others.append(match)
            case .family, .transport, .source, .sourcePort, .destinationPort, .outputInterface,
                .owner, .ownedFlow, .connectionState:
                others.append(match)
            }
        }
        guard members.count > 1 || (members.count == 1 && destinations > 1) else { return nil }
    }

    private static func members(of test: AddressTest, in ruleset: Ruleset) -> [IPPrefix] {
        switch test.addresses {
        case .prefix(let prefix): return [prefix]
        case .set(let name, _):
            guard case .addresses(_, let listed) = ruleset.set(named: name)?.members else {
                return []
            }
            return listed.map(\.value)
        }
    }
}
