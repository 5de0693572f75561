import Diagnostics

extension ConfigurationKey {
    /// The key `iptablesExecutables`: a mapping in a file, `name:path,…` as text.
    static let executables = ConfigurationKey(
        path: "iptablesExecutables", environmentSuffix: "IPTABLES_EXECUTABLES",
        flag: "--iptables-executables",
        summary:
            "Paths of the iptables programs, for the iptables backends; tproxy searches for the others.",
        format: "mapping of program to path, or `name:path,…`; an empty path unsets it",
        schema: .either([
            .mapping(programNames, .text(pattern: nil)), .text(pattern: nil),
        ]),
        makeDefaultText: { "" }, isInFiles: true, isList: false,
        decode: { node, config, diagnostics in
            // As in Kuma, sources are merged program by program; an empty path unsets one.
            var value = config.iptablesExecutables.value
            let problems = diagnostics.count
            let texts = pairs(of: node, &diagnostics)
            for (name, path, origin) in texts {
                guard let program = IptablesExecutables.Program(rawValue: name.text) else {
                    diagnostics.append(
                        ValueProblem.oneOf(name, programNames, of: "iptables program")
                            .diagnostic(of: "iptablesExecutables", at: origin))
                    continue
                }
                switch ValueFormat.path(allowsEmpty: true).parse(path) {
                case .success(let path): value.paths[program] = path.isEmpty ? nil : path
                case .failure(let problem):
                    diagnostics.append(problem.diagnostic(of: "iptablesExecutables", at: origin))
                }
            }
            guard diagnostics.count == problems, !texts.isEmpty else { return }
            config.iptablesExecutables = Setting(value, from: node.origin)
        },
        rows: { config, _ in
            let setting = config.iptablesExecutables
            return [
                Row(
                    path: "iptablesExecutables", value: setting.value.description,
                    origin: setting.origin)
            ]
        },
        yaml: { config in
            let pairs = IptablesExecutables.Program.allCases.compactMap { program in
                config.iptablesExecutables.value.paths[program].map {
                    "\(program.rawValue): \(quoted($0))"
                }
            }
            return "{\(pairs.joined(separator: ", "))}"
        })

    private static var programNames: [String] {
        IptablesExecutables.Program.allCases.map(\.rawValue)
    }

    private static func pairs(
        of node: RawNode, _ diagnostics: inout [Diagnostic]
    ) -> [(name: Piece, path: Piece, origin: Origin)] {
        switch node.content {
        case .mapping(let entries):
            return entries.compactMap { entry in
                let path: String
                switch entry.value.content {
                case .scalar(let text): path = text
                case .null: path = ""
                case .list, .mapping:
                    diagnostics.append(
                        .wrongKind(
                            "iptablesExecutables.\(entry.key)", entry.value.kind,
                            expected: "a path", at: entry.value.origin))
                    return nil
                }
                // An unknown name is reported at the key, a bad path at the value.
                let isKnown = IptablesExecutables.Program(rawValue: entry.key) != nil
                return (
                    Piece(entry.key), Piece(path), isKnown ? entry.value.origin : entry.keyOrigin
                )
            }
        case .scalar(let text):
            guard !text.isEmpty else { return [] }
            return Piece(text).split(on: ",").map { piece in
                let fields = piece.split(on: ":")
                let path = Piece(
                    fields.dropFirst().map(\.text).joined(separator: ":"), offset: piece.offset)
                return (fields.first ?? piece, path, node.origin)
            }
        case .null: return []
        case .list:
            diagnostics.append(
                .wrongKind(
                    "iptablesExecutables", node.kind, expected: "a mapping of program to path",
                    at: node.origin))
            return []
        }
    }
}

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
