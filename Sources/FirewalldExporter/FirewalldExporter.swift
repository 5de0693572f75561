import Addressing
import IptablesRules
package import RuleIR

/// Emits rulesets as elements of firewalld's `direct.xml`, without side effects.
///
/// The rules are those of the iptables backend, with priorities that keep Kuma's order. The
/// ownership chain `KUMA_MESH_TPROXY` is included, so that `status` and `remove` recognize rules
/// that firewalld loaded.
package struct FirewalldExporter: RulesetEmitter {
    package struct Output: Hashable, Sendable {
        package var elements: [DirectElement]
        /// The version of tproxy.
        package var version: String
        /// SHA-256 of the rules' canonical form, as the iptables backend has it.
        package var digest: String

        package init(elements: [DirectElement], version: String, digest: String) {
            self.elements = elements
            self.version = version
            self.digest = digest
        }
    }

    private let version: String
    private let ownedPrerequisites: [HostPrerequisite]

    /// `ownedPrerequisites` are those that were made for the rules and are undone with them.
    ///
    /// firewalld can't make any itself.
    package init(version: String, ownedPrerequisites: [HostPrerequisite] = []) {
        self.version = version
        self.ownedPrerequisites = ownedPrerequisites
    }

    package func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> Output {
        try ruleset.check()
        try ruleset.checkForIptables()
        try ruleset.checkForFirewalld()
        let digest = IptablesEmitter.digest(of: ruleset)
        let ownership = OwnershipChain(
            version: version, rulesDigest: digest, ownedPrerequisites: ownedPrerequisites)
        var elements: [DirectElement] = []
        for family in AddressFamily.allCases {
            for content in FamilyLowering.tables(of: ruleset, family) {
                let place = DirectTable(family, content.table)
                elements += Self.elements(place, content, ownership)
            }
        }
        return Output(elements: elements, version: version, digest: digest)
    }

    private static func elements(
        _ place: DirectTable, _ content: TableContent, _ ownership: OwnershipChain
    ) -> [DirectElement] {
        let chains = content.chains + [IptablesChain.ownership]
        var elements = chains.map { DirectElement.chain(place, name: $0) }
        for hook in Hook.allCases.map(IptablesChain.name) {
            let rules = content.hooked.filter { $0.chain == hook }
            let inserted = rules.filter(\.isInserted)
            let appended = rules.filter { !$0.isInserted }
            elements += self.rules(
                place, hook, (inserted + appended).map(\.rule.arguments),
                DirectPriority.ofHook(inserted: inserted.count, appended: appended.count))
        }
        for chain in content.chains {
            elements += rules(
                place, chain, content.own.filter { $0.chain == chain }.map(\.rule.arguments))
        }
        return elements
            + rules(place, IptablesChain.ownership, ownership.rules(copying: content.hooked))
    }

    /// Returns rule elements; in our own chains, which have no foreign rules, priorities count from
    /// 0.
    private static func rules(
        _ place: DirectTable, _ chain: String, _ arguments: [[String]],
        _ priorities: [Int32]? = nil
    ) -> [DirectElement] {
        arguments.enumerated().map { index, arguments in
            .rule(
                place, chain: chain, priority: priorities?[index] ?? Int32(index),
                arguments: arguments)
        }
    }
}

extension Ruleset {
    /// Throws if the ruleset contains something that firewalld can't load.
    fileprivate func checkForFirewalld() throws(RulesetProblem) {
        guard families.contains(.ipv4) else { return }
        for (location, rule) in locatedRules where rule.action == .yieldToDockerDNS {
            // Docker creates its chain after firewalld has started, and a jump to a missing chain
            // makes firewalld drop every direct rule.
            throw .inexpressible(by: "firewalld", at: location)
        }
    }
}

/// The priorities of our rules among the direct rules of a chain.
///
/// firewalld sorts the rules of a chain by priority; the order of equal priorities is undefined. It
/// passes priorities on as signed 32-bit integers (D-Bus type `i`). Ours are at both ends of that
/// range: rules that Kuma inserts precede all foreign direct rules, and those that it appends
/// follow them.
enum DirectPriority {
    /// The lowest priority of inserted rules.
    static let first = Int32.min
    /// The highest priority of appended rules.
    static let last = Int32.max

    /// Returns the priorities of a built-in chain's rules, strictly increasing.
    static func ofHook(inserted: Int, appended: Int) -> [Int32] {
        (0..<inserted).map { first + Int32($0) }
            + (0..<appended).map { last - Int32(appended - 1 - $0) }
    }
}
