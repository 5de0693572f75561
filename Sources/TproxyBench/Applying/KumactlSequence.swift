/// The programs that kumactl runs to install its rules, in its order.
///
/// First the cleanup of each family: save all tables; where rules of its own are found, test and
/// restore, with a flush of every table, what was saved without them. Then the rules of each family
/// with `--noflush`. Kuma 2.14, `app/kumactl/pkg/transparentproxy`; kumactl's own work, its probes of
/// what iptables can do and its backup file aren't counted.
struct KumactlSequence {
    let workshop: Workshop

    func calls(
        _ files: RulesetFiles, replaces isLoaded: Bool
    ) throws(BenchError) -> [ProgramCall] {
        var calls: [ProgramCall] = []
        for program in AddressProgram.allCases {
            calls.append(
                try .installed("\(program.rawValue)-nft-save", [], output: saved(program)))
            if isLoaded {
                calls.append(try restore(program, ["--test", cleaned(program)]))
                calls.append(try restore(program, [cleaned(program)]))
            }
        }
        for program in AddressProgram.allCases {
            calls.append(try restore(program, ["--noflush", files.rules(for: program)]))
        }
        return calls
    }

    /// Makes what kumactl would restore, from what is loaded now: without its lines.
    ///
    /// Done once, and not counted: it is kumactl's own work.
    func prepareCleaned() throws(BenchError) {
        for program in AddressProgram.allCases {
            try workshop.run(
                .installed("\(program.rawValue)-nft-save", [], output: saved(program)))
            try workshop.run(
                .installed(
                    "grep",
                    [
                        "-v", "-e", "^#", "-e", "KUMA_MESH", "-e", "kuma/mesh/transparent/proxy",
                        saved(program),
                    ], output: cleaned(program)))
        }
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
