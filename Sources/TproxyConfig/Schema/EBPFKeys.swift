extension ConfigurationKey {
    static let ebpfKeys: [ConfigurationKey] = [
        .scalar(
            "ebpf.enabled", "EBPF_ENABLED", flag: "--ebpf-enabled", at: \.ebpf.enabled, as: .bool,
            "Use eBPF instead of firewall rules. Not in this build."),
        .scalar(
            "ebpf.instanceIP", "EBPF_INSTANCE_IP", flag: "--ebpf-instance-ip",
            at: \.ebpf.instanceIP, as: .address, "The address of the instance."),
        .scalar(
            "ebpf.instanceIPEnvVarName", "EBPF_INSTANCE_IP_ENV_VAR_NAME",
            at: \.ebpf.instanceIPEnvVarName, as: .path(allowsEmpty: true),
            "The environment variable that holds that address."),
        .scalar(
            "ebpf.bpffsPath", "EBPF_BPFFS_PATH", flag: "--ebpf-bpffs-path", at: \.ebpf.bpffsPath,
            as: .path(), "Where the BPF file system is mounted."),
        .scalar(
            "ebpf.cgroupPath", "EBPF_CGROUP_PATH", flag: "--ebpf-cgroup-path",
            at: \.ebpf.cgroupPath, as: .path(), "Where cgroup v2 is mounted."),
        .scalar(
            "ebpf.programsSourcePath", "EBPF_PROGRAMS_SOURCE_PATH",
            flag: "--ebpf-programs-source-path", at: \.ebpf.programsSourcePath, as: .path(),
            "Where the programs are."),
        .scalar(
            "ebpf.tcAttachIface", "EBPF_TC_ATTACH_IFACE", flag: "--ebpf-tc-attach-iface",
            at: \.ebpf.tcAttachIface, as: .interface,
            "The interface for the TC programs; empty is the first that is up and not loopback."),
    ]
}
