import ArgumentParser

/// Flags of Kuma's eBPF engine; read and checked, although this build has no such backend.
struct EBPFFlags: ParsableArguments {
    @Option(defaultAsFlag: "true", help: "Use eBPF instead of firewall rules.", completion: .truth)
    var ebpfEnabled: String?

    @Option(help: "The address of the instance that runs the proxy.")
    var ebpfInstanceIp: String?

    @Option(help: "The mount point of the BPF file system.")
    var ebpfBpffsPath: String?

    @Option(help: "The mount point of cgroup v2.")
    var ebpfCgroupPath: String?

    @Option(help: "The directory of the eBPF programs.")
    var ebpfProgramsSourcePath: String?

    @Option(help: "The interface to attach the TC programs to.")
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
