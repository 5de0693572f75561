/// The programs that kumactl runs to install its rules, in its order.
///
/// First its queries, to the programs of both flavours and families: the version of each, whether
/// iptables(8) knows a match, and whether a table can be saved. Then the cleanup of each family:
/// save all tables; if it finds its own rules, test what was saved without them, save once more for
/// its backup, and restore with a flush of every table. Then the rules of each family with
/// `--noflush`. Kuma 2.14, `pkg/transparentproxy/config/config_executables.go` and
/// `iptables/setup.go`.
///
/// kumactl's own work isn't measured.
struct KumactlSequence {
    let workshop: Workshop
    /// Without the queries: only the programs that load rules.
    var isRulesAlone = false

    /// The matches that it queries.
    private static let matches = ["owner", "tcp", "udp", "comment", "conntrack"]
    /// The tables that it queries.
    private static let tables = ["nat", "raw", "mangle"]

    func calls(
        _ files: RulesetFiles, replaces isLoaded: Bool
    ) throws(BenchError) -> [ProgramCall] {
        var calls: [ProgramCall] = []
        if !isRulesAlone {
            for flavour in ["nft", "legacy"] {
                for program in AddressProgram.allCases {
                    calls += try questions("\(program.rawValue)-\(flavour)")
                }
            }
        }
        for program in AddressProgram.allCases {
            calls.append(try save(program))
            if isLoaded {
                calls.append(try restore(program, ["--test", cleaned(program)]))
                calls.append(try save(program))
                calls.append(try restore(program, [cleaned(program)]))
            }
        }
        for program in AddressProgram.allCases {
            calls.append(try restore(program, ["--noflush", files.rules(for: program)]))
        }
        return calls
    }

    /// Writes what kumactl would restore: the loaded rules without its own.
    ///
    /// Done once, and not measured: it is kumactl's own work.
    func prepareCleaned() throws(BenchError) {
        for program in AddressProgram.allCases {
            try workshop.run(save(program))
            try workshop.run(
                .installed(
                    "grep",
                    [
                        "-v", "-e", "^#", "-e", "KUMA_MESH", "-e", "kuma/mesh/transparent/proxy",
                        saved(program),
                    ], output: cleaned(program)))
        }
    }

    private func questions(_ name: String) throws(BenchError) -> [ProgramCall] {
        var calls: [ProgramCall] = []
        for ending in ["", "-save", "-restore"] {
            calls.append(try .installed(name + ending, ["--version"]))
        }
        for match in Self.matches {
            calls.append(try .installed(name, ["--match", match, "--help"]))
        }
        for table in Self.tables {
            calls.append(try .installed("\(name)-save", ["--table", table]))
        }
        return calls
    }

    private func save(_ program: AddressProgram) throws(BenchError) -> ProgramCall {
        try .installed("\(program.rawValue)-nft-save", [], output: saved(program))
    }

    private func restore(
        _ program: AddressProgram, _ arguments: [String]
    ) throws(BenchError) -> ProgramCall {
        try .installed("\(program.rawValue)-nft-restore", arguments)
    }

    private func saved(_ program: AddressProgram) -> String {
        workshop.path("saved.\(program.rawValue)")
    }

    private func cleaned(_ program: AddressProgram) -> String {
        workshop.path("cleaned.\(program.rawValue)")
    }
}
