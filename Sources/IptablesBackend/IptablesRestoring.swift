import Addressing
import IptablesRules
import LinuxHost
package import RuleIR

extension IptablesBackend: RestoringBackend {
    package func snapshot(of instance: InstanceName) throws(BackendError) -> RulesSnapshot {
        try Privilege.check(toRead: true)
        guard instance == .mesh else { return RulesSnapshot(bytes: [], holdsRules: false) }
        var text = ""
        var holdsRules = false
        for family in AddressFamily.allCases {
            guard let tables = try tables(family) else { continue }
            let saved = try tables.saved()
            guard !FamilyState(saved).isForeign else {
                throw .foreignObject(name: "chains KUMA_MESH_* of \(flavour.name)")
            }
            holdsRules = holdsRules || !FamilyState(saved).isEmpty
            text += SavedFamily(family: family, saved: saved).text
        }
        return RulesSnapshot(bytes: Array(text.utf8), holdsRules: holdsRules)
    }

    package func restore(
        _ snapshot: RulesSnapshot, of instance: InstanceName
    ) throws(BackendError) -> RestoreOutcome {
        try Privilege.check()
        guard instance == .mesh else { return .unchanged }
        let text = String(decoding: snapshot.bytes, as: UTF8.self)
        guard let families = SavedFamily.all(in: text) else {
            throw .failed(
                operation: "restoring the rules of \(flavour.name)",
                reason: "their record is damaged")
        }
        return try NamespaceLock.holding(retry) { () throws(BackendError) in
            try retrying(for: []) { snapshots throws(BackendError) in
                var updates: [FamilyUpdate] = []
                for now in snapshots {
                    let former = families.first { $0.family == now.family }?.state ?? FamilyState()
                    guard !now.state.holdsSame(as: former) else { continue }
                    let document = Transaction(
                        removing: now.state, restoring: former,
                        among: try now.tables.saved())
                    updates.append(
                        FamilyUpdate(snapshot: now, tables: [], document: document))
                }
                for update in updates { try update.snapshot.tables.test(update.document) }
                try FamilyUpdate.load(updates)
                return updates.isEmpty ? .unchanged : .restored
            }
        }
    }
}

/// Our part of the tables of one family, as text in the form of iptables-save(8).
///
/// It has the rules of our chains and of the built-in chains that ours are in, so that it shows
/// their positions.
private struct SavedFamily {
    var family: AddressFamily
    var saved: SavedText

    var state: FamilyState { FamilyState(saved) }

    private static let heading = "# "

    var text: String {
        var lines = [Self.heading + family.rawValue]
        for table in IptablesTable.allCases {
            guard let found = saved.table(table) else { continue }
            let chains = found.chains.filter(Self.isKept)
            lines.append("*\(table.rawValue)")
            lines += chains.map { ":\($0) \(found.policies[$0] ?? "-") [0:0]" }
            lines += found.rules.filter { Self.isKept($0.chain) }
                .map { RestoreText.line(["-A", $0.chain] + $0.words) }
            lines.append("COMMIT")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func isKept(_ chain: String) -> Bool {
        chain.hasPrefix(IptablesChain.prefix)
            || IptablesChain.ofHooks.contains(IptablesChain.hookName(of: chain))
    }

    /// Reads what `text` wrote for each family; nil if it isn't that.
    static func all(in text: String) -> [SavedFamily]? {
        var families: [SavedFamily] = []
        var family: AddressFamily?
        var lines = ""
        func finish() -> Bool {
            guard let family else { return lines.isEmpty }
            guard let saved = try? SavedText(lines), saved.isWhole else { return false }
            families.append(SavedFamily(family: family, saved: saved))
            return true
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            guard line.hasPrefix(heading) else {
                lines += "\(line)\n"
                continue
            }
            guard finish(),
                let next = AddressFamily(rawValue: String(line.dropFirst(heading.count)))
            else { return nil }
            family = next
            lines = ""
        }
        return finish() ? families : nil
    }
}
