import Addressing
import IptablesRules
import RuleIR

/// The programs of one family, and its state when it was read.
struct FamilySnapshot {
    var family: AddressFamily
    var tables: FamilyTables
    var state: FamilyState

    var hooks: [InstalledRuleset.Hook] {
        state.parts.flatMap { part in
            Set(part.hooked.map(\.chain)).sorted().map { chain in
                InstalledRuleset.Hook(
                    chain: "\(part.table.rawValue) \(chain)", type: family.displayName,
                    hook: IptablesChain.hookName(of: chain).lowercased(),
                    priority: part.table.stage.priority)
            }
        }
    }

    var counters: [InstalledRuleset.RuleCounter] {
        state.parts.flatMap { part in
            (part.hooked + part.own).map { saved in
                InstalledRuleset.RuleCounter(
                    chain: "\(family.displayName) \(part.table.rawValue) \(saved.chain)",
                    comment: saved.rule.comment.map {
                        $0.hasPrefix(IptablesComment.prefix)
                            ? String($0.dropFirst(IptablesComment.prefix.count)) : $0
                    } ?? "", packets: saved.packets, bytes: saved.bytes)
            }
        }
    }

    /// Throws if a foreign rule refers to a chain that would be removed; chains in `kept` stay.
    func checkReferences(keeping kept: [TableContent]) throws(BackendError) {
        for part in state.parts {
            let staying = kept.first { $0.table == part.table }?.chains ?? []
            for rule in part.references {
                let chain = rule.rule.target.dropFirst().first ?? ""
                guard !staying.contains(chain) else { continue }
                let line = RestoreText.line(["-A", rule.chain] + rule.words)
                throw .failed(
                    operation: "removing the chain \(chain) (\(family.displayName))",
                    reason:
                        "a foreign rule jumps to it, '-t \(part.table.rawValue) \(line)'; delete that first"
                )
            }
        }
    }
}
