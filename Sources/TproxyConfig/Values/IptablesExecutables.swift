/// Paths of the iptables programs, for hosts where a search by name doesn't find them.
package struct IptablesExecutables: Hashable, Sendable, CustomStringConvertible {
    package enum Program: String, Hashable, Sendable, CaseIterable {
        case iptables
        case iptablesSave = "iptables-save"
        case iptablesRestore = "iptables-restore"
        case ip6tables
        case ip6tablesSave = "ip6tables-save"
        case ip6tablesRestore = "ip6tables-restore"
    }

    /// The configured paths; tproxy searches for programs without one.
    package var paths: [Program: String] = [:]

    package init(paths: [Program: String] = [:]) {
        self.paths = paths
    }

    /// The programs without a path in families where another program has one.
    package var missing: [Program] {
        let families: [[Program]] = [
            [.iptables, .iptablesSave, .iptablesRestore],
            [.ip6tables, .ip6tablesSave, .ip6tablesRestore],
        ]
        return families.flatMap { family in
            let missing = family.filter { paths[$0] == nil }
            return missing.count == family.count ? [] : missing
        }
    }

    /// The paths as `name:path,name:path`, in the order of the cases.
    package var description: String {
        Program.allCases.compactMap { program in
            paths[program].map { "\(program.rawValue):\($0)" }
        }.joined(separator: ",")
    }
}
