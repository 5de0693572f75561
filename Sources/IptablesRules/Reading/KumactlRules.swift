import TextSearch

/// Finds the rules and chains of kumactl in the tables of one family.
///
/// Since version 2.9 kumactl's rules have a comment. Those of older versions, and of
/// `--disable-comments`, are recognized by kumactl's chains: a rule of a built-in chain is
/// kumactl's if it jumps to one of these, or if it has exactly the form of kumactl's DNS, zone or
/// network rules for the UID whose packets the chains bypass.
package struct KumactlRules {
    /// The rules and chains of one table.
    package struct Part {
        package var table: String
        package var chains: [String]
        /// The rules of built-in chains.
        package var hooked: [SavedRule]
    }

    /// The prefixes of comments; the second is that of some builds of 2024.
    private static let prefixes = [IptablesComment.prefix, "kuma/mesh/tproxy/"]

    package private(set) var parts: [Part] = []
    /// The UIDs whose packets bypass the proxy: `--uid-owner` in rules of the chains.
    private var users: Set<String> = []
    /// The targets of DNS redirects over TCP in the chains of older versions; redirects over UDP,
    /// in built-in chains, have the same.
    private var redirections: Set<String> = []

    /// Finds kumactl's rules; a table with an ownership chain is tproxy's and is skipped.
    package init(_ saved: SavedText) {
        let tables = saved.tables.filter { !$0.chains.contains(IptablesChain.ownership) }
        let own = tables.flatMap { table in
            let old = OldKumaChains.found(in: table)
            return table.rules.filter { Self.isOwn($0.chain, old) }
        }
        users = Set(own.compactMap { KumactlRuleShape($0).owner })
        redirections = Set(
            own.filter { KumactlRuleShape($0).isTCPRedirection }.map { KumactlRuleShape($0).action }
        )
        let isMarked = Self.isMarked(tables)
        for table in tables {
            let old = OldKumaChains.found(in: table)
            let chains = table.chains.filter { Self.isOwn($0, old) }
            let hooked = table.rules.filter { !Self.isOwn($0.chain, old) }
            let certain = hooked.filter { rule in
                Self.isMarked(rule) || chains.contains(KumactlRuleShape(rule).target)
            }
            let found =
                isMarked ? Set(certain) : Set(certain + recognized(hooked, table.table, certain))
            guard !chains.isEmpty || !found.isEmpty else { continue }
            parts.append(
                Part(table: table.table, chains: chains, hooked: hooked.filter(found.contains)))
        }
        // The parts with chains are last, so that an interrupted removal can still recognize the
        // rest.
        parts = parts.filter(\.chains.isEmpty) + parts.filter { !$0.chains.isEmpty }
    }

    /// Whether a chain is kumactl's; `old` are the chains of versions up to 2.1 in the table.
    private static func isOwn(_ chain: String, _ old: Set<String>) -> Bool {
        (chain.hasPrefix(IptablesChain.prefix) && chain != IptablesChain.probe)
            || old.contains(chain)
    }

    private static func isMarked(_ rule: SavedRule) -> Bool {
        guard let comment = rule.rule.comment else { return false }
        return prefixes.contains(where: comment.hasPrefix)
    }

    private static func isMarked(_ tables: [SavedTable]) -> Bool {
        tables.contains { $0.rules.contains(where: isMarked) }
    }

    /// Returns the rules without a comment that have kumactl's form and position; none without a
    /// known UID.
    private func recognized(
        _ rules: [SavedRule], _ table: String, _ jumps: [SavedRule]
    ) -> [SavedRule] {
        let output = rules.filter { $0.chain == "OUTPUT" }
        let prerouting = rules.filter { $0.chain == "PREROUTING" }
        switch table {
        case "nat": return natOutput(output) + natPrerouting(prerouting, jumps)
        case "raw":
            guard
                output.contains(where: { KumactlRuleShape($0).isOwnQuery("CT --zone 1", of: users) }
                )
            else {
                return []
            }
            return output.filter { KumactlRuleShape($0).isZoneOfOutput(users) }
                + prerouting.filter { KumactlRuleShape($0).isZoneOfPrerouting }
        case _: return []
        }
    }

    /// Returns kumactl's rules of nat OUTPUT: exclusions precede the rule for the proxy's own
    /// query, redirects follow it.
    private func natOutput(_ rules: [SavedRule]) -> [SavedRule] {
        let overTCP = rules.filter { KumactlRuleShape($0).isOverTCP(users) }
        guard let own = rules.firstIndex(where: { KumactlRuleShape($0).isOwnQuery(nil, of: users) })
        else {
            return overTCP
                + rules.prefix {
                    KumactlRuleShape($0).isOwnedExclusion || KumactlRuleShape($0).isLog
                }
        }
        let exclusions = rules[..<own].reversed().prefix { rule in
            let form = KumactlRuleShape(rule)
            return form.isOwnedExclusion || form.isAddressExclusion || form.isLog
        }
        let behind = rules[(own + 1)...]
        let wanted =
            redirections.isEmpty
            ? [behind.first.map { KumactlRuleShape($0).action } ?? ""] : redirections
        let redirected = behind.prefix { rule in
            KumactlRuleShape(rule).isDNSRedirection
                && wanted.contains(KumactlRuleShape(rule).action)
        }
        return overTCP + exclusions + [rules[own]] + redirected
    }

    /// Returns kumactl's rules of nat PREROUTING: those for networks precede the jump.
    private func natPrerouting(_ rules: [SavedRule], _ jumps: [SavedRule]) -> [SavedRule] {
        guard let jump = rules.firstIndex(where: jumps.contains) else { return [] }
        let logs = rules.filter { KumactlRuleShape($0).isLog }
        return logs
            + rules[..<jump].reversed().prefix {
                KumactlRuleShape($0).isOfNetwork || KumactlRuleShape($0).isLog
            }
    }
}

/// A rule compared with the forms that kumactl writes, without its comment.
private struct KumactlRuleShape {
    private let header: String
    private let extensions: String
    let action: String
    let owner: String?
    /// The target of `-j`.
    let target: String

    init(_ saved: SavedRule) {
        header = saved.rule.header.joined(separator: " ")
        extensions = saved.rule.extensions.joined(separator: " ")
        action = saved.rule.target.dropFirst().joined(separator: " ")
        target = saved.rule.target.dropFirst().first ?? ""
        owner =
            zip(saved.rule.extensions, saved.rule.extensions.dropFirst())
            .first { $0.0 == "--uid-owner" }?.1
    }

    private var isRedirection: Bool { target == "REDIRECT" }
    private var isOfAnOwner: Bool { extensions.hasSuffix("-m owner --uid-owner \(owner ?? "")") }

    /// Whether the rule matches the proxy's own DNS queries; `wanted` nil is RETURN or a chain.
    func isOwnQuery(_ wanted: String?, of users: Set<String>) -> Bool {
        guard let owner, users.contains(owner), header == "-p udp" else { return false }
        return extensions == "-m udp --dport 53 -m owner --uid-owner \(owner)"
            && (wanted.map { $0 == action } ?? !["REDIRECT", "CT"].contains(target))
    }

    func isOverTCP(_ users: Set<String>) -> Bool {
        guard let owner, users.contains(owner), header == "-p tcp" else { return false }
        return action == "RETURN"
            && extensions == "-m tcp --dport 53 -m owner ! --uid-owner \(owner)"
    }

    var isTCPRedirection: Bool {
        isRedirection && extensions == "-m tcp --dport 53" && header.hasSuffix("-p tcp")
    }

    var isDNSRedirection: Bool {
        isRedirection && extensions == "-m udp --dport 53"
            && (header == "-p udp" || header.hasPrefix("-d "))
    }

    var isOwnedExclusion: Bool {
        action == "RETURN" && ["-p tcp", "-p udp"].contains(header) && isOfAnOwner
            && extensions.hasPrefix("-m multiport --dports ")
    }

    var isAddressExclusion: Bool {
        action == "RETURN" && header.hasPrefix("-d ") && !header.contains(text: "-p ")
            && extensions.isEmpty
    }

    var isLog: Bool {
        ["OUTPUT:", "PREROUTING:"].contains { action.hasPrefix("LOG --log-prefix \($0)") }
            && header.isEmpty
    }

    var isOfNetwork: Bool {
        guard isRedirection, header.contains(text: "-i ") else { return false }
        return (extensions == "-m udp --dport 53" && header.hasSuffix("-p udp"))
            || (extensions.isEmpty && header.hasPrefix("! -d ") && header.hasSuffix("-p tcp"))
    }

    func isZoneOfOutput(_ users: Set<String>) -> Bool {
        switch action {
        case "CT --zone 1":
            return isOwnQuery(action, of: users)
                || (header.hasPrefix("-s ") && header.hasSuffix("-p udp")
                    && header.contains(text: "-d 127.0.0.1/32") && extensions.isEmpty)
        case "CT --zone 2":
            let isAnswer =
                extensions.hasPrefix("-m udp --sport ") && isOfAnOwner
                && users.contains(owner ?? "")
            return isAnswer
                || (extensions == "-m udp --dport 53"
                    && (header == "-p udp" || header.hasPrefix("-d ")))
        case _: return false
        }
    }

    var isZoneOfPrerouting: Bool {
        action == "CT --zone 1" && extensions == "-m udp --sport 53"
            && (header == "-p udp" || header.hasPrefix("-s ") || header.hasPrefix("-d "))
    }
}
