package import Diagnostics

// Warnings about settings that don't do what they say; one function for each message.
extension Diagnostic {
    static func repeatedPort(
        _ port: String, _ first: String, _ second: String, at origin: Origin
    ) -> Diagnostic {
        .warning(
            id: "repeated-port", "port \(port) is both \(first) and \(second)",
            at: origin.location,
            notes: ["one listener gets both kinds of traffic and can't tell them apart"],
            help: "give each its own port; the defaults are 15006, 15001 and 15053")
    }

    static func ignoredPorts(
        _ excluded: String, for included: String, at origin: Origin
    ) -> Diagnostic {
        .warning(
            id: "ignored-ports", "\(excluded) is ignored, because \(included) is set",
            at: origin.location, notes: ["every port outside \(included) bypasses the proxy"],
            help: "remove one of the two")
    }

    static func excludedFamily(
        _ prefix: String, _ family: String, _ extent: String, _ key: String, at origin: Origin
    ) -> Diagnostic {
        .warning(
            id: "excluded-family",
            "\(prefix) in \(key) excludes \(family) \(extent)", at: origin.location,
            notes: ["no such connection is redirected"],
            help: "remove it, or exclude the networks that must bypass the proxy")
    }

    static func excludedVirtualIPs(
        _ prefix: String, others: Int, at origin: Origin
    ) -> Diagnostic {
        .warning(
            id: "excluded-virtual-ips",
            "\(prefix)\(Self.more(others)) in redirect.outbound.excludePortsForIPs covers virtual"
                + " IPs of Kuma, 240.0.0.0 to 243.255.255.255", at: origin.location,
            notes: ["connections to services of the mesh bypass the proxy and fail"],
            help: "exclude networks outside 240.0.0.0/6")
    }

    static func disabledFamily(
        _ entry: String, others: Int, of key: String, at origin: Origin
    ) -> Diagnostic {
        .warning(
            id: "disabled-family",
            "\(entry)\(Self.more(others)) in \(key) has no effect: ipFamilyMode is ipv4",
            at: origin.location,
            help: "remove the IPv6 entries, or set ipFamilyMode to 'dualstack'")
    }

    /// A setting or an option that changes nothing beside the others.
    package static func withoutEffect(
        _ name: String, because reason: String, at origin: Origin = .builtIn, help: String
    ) -> Diagnostic {
        .warning(
            id: "without-effect", "\(name) has no effect: \(reason)", at: origin.location,
            help: help)
    }

    /// A flag that another backend doesn't use; commands with `--backend ebpf` omit it.
    static func forEBPF(_ flag: String, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .note, id: "for-ebpf", "\(flag) has an effect with the ebpf backend only", at: location,
            help: "add --ebpf-enabled or --backend ebpf, or leave it out")
    }

    /// A flag that scripts for kumactl may give, and that tproxy doesn't need.
    package static func acceptedForKumactl(
        _ flag: String, at location: SourceLocation? = nil
    ) -> Diagnostic {
        Diagnostic(
            .note, id: "accepted-for-kumactl",
            "\(flag) has no effect; it is accepted because kumactl has it", at: location,
            help: "leave it out")
    }

    private static func more(_ count: Int) -> String {
        count == 0 ? "" : " and \(count) more"
    }
}
