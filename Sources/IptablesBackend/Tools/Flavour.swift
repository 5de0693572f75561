import HostPrograms

/// The two programs that are called iptables.
package enum IptablesFlavour: String, Hashable, Sendable, CaseIterable {
    /// Rules go into nf_tables, in tables that it makes.
    case nft
    /// Rules go into ip_tables, the kernel's older way.
    case legacy

    /// `iptables-nft`, `iptables-legacy`.
    package var name: String { "iptables-\(rawValue)" }

    /// The flavour of a program, by what `--version` says: `(nf_tables)`, or `(legacy)` or nothing.
    ///
    /// Nil where it can't be run.
    package init?(ofProgram path: String) {
        guard let run = try? ToolRun(path, ["--version"]), run.status == 0 else { return nil }
        self = run.output.contains("nf_tables") ? .nft : .legacy
    }
}
