import Preflight

extension ProgramSurvey {
    /// Adds what the programs would use; `isSeen` is false if other programs couldn't be read.
    func add(to report: inout ReportText, isSeen: Bool) {
        let tried = features.count
        let found = features.count { $0.problem == nil }
        let names = programs.map { "\($0.name) (\($0.hook))" }.joined(separator: ", ")
        let others = isSeen ? (names.isEmpty ? "none" : names) : "unknown"
        let rows = [
            [
                "Linux \(Self.neededVersion.major).\(Self.neededVersion.minor)",
                "\(kernel); " + (tried == 0 ? "not tried" : "\(found) of \(tried) features"),
            ],
            ["libbpf", hasLibrary ? "found" : "missing"],
            ["cgroup", cgroup.path ?? "none"],
            [
                "cgroup v2",
                cgroupMounts.isEmpty ? "not mounted" : cgroupMounts.joined(separator: ", "),
            ],
            ["BPF file system", bpffs.path ?? "none"],
            [
                "missing capabilities",
                missingCapabilities.isEmpty ? "none" : missingCapabilities.joined(separator: ", "),
            ],
            ["lockdown", lockdown ?? "none"],
            ["other programs", others],
        ]
        report.add(TextTable(header: ["EBPF NEEDS", "THIS HOST HAS"], rows: rows))
    }
}
