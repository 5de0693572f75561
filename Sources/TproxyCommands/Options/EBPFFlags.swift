import ArgumentParser

/// Flags of the eBPF backend, as Kuma names them.
struct EBPFFlags: ParsableArguments {
    @Option(defaultAsFlag: "true", help: "Use eBPF instead of firewall rules.", completion: .truth)
    var ebpfEnabled: String?

    @Option(help: "An address of this host that no interface has yet.")
    var ebpfInstanceIp: String?

    @Option(help: "The BPF file system.")
    var ebpfBpffsPath: String?

    @Option(help: "The cgroup (v2) whose sockets are redirected.")
    var ebpfCgroupPath: String?

    @Option(help: "A directory with another build of the programs.")
    var ebpfProgramsSourcePath: String?

    @Option(help: "The only interface whose incoming connections are redirected.")
    var ebpfTcAttachIface: String?

    var texts: [FlagTexts] {
        [
            FlagTexts("ebpf-enabled", ebpfEnabled),
            FlagTexts("ebpf-instance-ip", ebpfInstanceIp),
            FlagTexts("ebpf-bpffs-path", ebpfBpffsPath),
            FlagTexts("ebpf-cgroup-path", ebpfCgroupPath),
            FlagTexts("ebpf-programs-source-path", ebpfProgramsSourcePath),
            FlagTexts("ebpf-tc-attach-iface", ebpfTcAttachIface),
        ]
    }
}
