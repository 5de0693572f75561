import Addressing
import HostPrograms
import RuleIR

/// The programs of one flavour for one family.
struct Toolset: Hashable, Sendable {
    let flavour: IptablesFlavour
    let family: AddressFamily
    let save: String
    let restore: String

    /// Finds the programs; nil where one is missing.
    ///
    /// `paths` names programs that the user chose.
    init?(_ flavour: IptablesFlavour, _ family: AddressFamily, paths: [String: String] = [:]) {
        let base = family == .ipv4 ? "iptables" : "ip6tables"
        let chosen = [base, "\(base)-save", "\(base)-restore"].compactMap { paths[$0] }
        if chosen.count == 3 {
            guard Self.flavour(of: chosen[0]) == flavour else { return nil }
            self.flavour = flavour
            self.family = family
            save = chosen[1]
            restore = chosen[2]
            return
        }
        guard let save = Self.find(base, "-save", flavour),
            let restore = Self.find(base, "-restore", flavour)
        else { return nil }
        self.flavour = flavour
        self.family = family
        self.save = save
        self.restore = restore
    }

    /// `iptables-nft-save`; where distributions have it only so, `iptables-save` of that flavour.
    private static func find(
        _ base: String, _ suffix: String, _ flavour: IptablesFlavour
    ) -> String? {
        if let path = ProgramSearch.path(of: "\(base)-\(flavour.rawValue)\(suffix)") { return path }
        guard let path = ProgramSearch.path(of: "\(base)\(suffix)"),
            Self.flavour(of: path) == flavour
        else { return nil }
        return path
    }

    /// What `--version` says: `(nf_tables)`, or `(legacy)` or nothing.
    static func flavour(of path: String) -> IptablesFlavour? {
        guard let run = try? ToolRun(path, ["--version"]), run.status == 0 else { return nil }
        return run.output.contains("nf_tables") ? .nft : .legacy
    }
}
