import Addressing
import Preflight

// Findings about what the eBPF backend needs, and about other programs on its hooks.
extension FindingMessages {
    static func oldKernel(_ release: String) -> Self {
        let needed = ProgramSurvey.neededVersion
        return Self(
            seen: "the kernel is \(release), and eBPF needs Linux \(needed.major).\(needed.minor)",
            consequence: "the programs don't load", remedy: "use --backend nft")
    }

    static func missingFeature(_ feature: ProgramSurvey.Feature) -> Self {
        Self(
            seen: "the kernel refuses \(feature.name): \(feature.problem ?? "")",
            consequence: "the programs don't load",
            remedy: "use Linux \(feature.since) or newer with CONFIG_BPF_SYSCALL, or --backend nft")
    }

    static let missingLibrary = Self(
        seen: "libbpf.so.1 is missing", consequence: "the programs can't be loaded",
        remedy: "install libbpf1, or use --backend nft")

    static func unusableCgroup(_ problem: String, _ remedy: String) -> Self {
        Self(seen: problem, consequence: "the programs have no place", remedy: remedy)
    }

    static func unusableBPFFileSystem(_ problem: String, _ remedy: String) -> Self {
        Self(
            seen: problem, consequence: "the programs would end with the process that loads them",
            remedy: remedy)
    }

    static func missingCapabilities(_ names: [String]) -> Self {
        Self(
            seen: "this process lacks \(names.joined(separator: ", "))",
            consequence: "it can't load the programs, nor read those that are loaded",
            remedy: "run as root, or grant the capabilities")
    }

    static func lockdown(_ mode: String) -> Self {
        Self(
            seen: "the kernel is locked down (\(mode))",
            consequence: "programs may not read or write kernel memory; tproxy's don't",
            remedy: "if the kernel refuses all programs, use --backend nft")
    }

    /// `outer` is the UID outside; nil if the map has none.
    static func userNamespace(_ user: UserID, _ outer: UserID?) -> Self {
        let words = outer.map { "UID \(user) here is \($0) outside" } ?? "UID \(user) isn't mapped"
        let setting = outer.map { ", and set kumaDPUser to \($0)" } ?? ""
        return Self(
            seen: "this is a user namespace: \(words)",
            consequence: "the kernel refuses programs from it, and they compare the UIDs outside",
            remedy: "run tproxy in the initial user namespace\(setting), or use --backend nft")
    }

    static func ciliumSockets(_ programs: [ProgramSurvey.Program]) -> Self {
        Self(
            seen: "Cilium's socket load balancer is on the same hooks: \(listed(programs))",
            consequence: "it may replace the address of a Service first:"
                + " SO_ORIGINAL_DST is then the address of a pod",
            remedy: "set socketLB.hostNamespaceOnly in Cilium's configuration"
                + ", or ebpf.cgroupPath to a cgroup below Cilium's")
    }

    static func foreignPrograms(_ programs: [ProgramSurvey.Program]) -> Self {
        Self(
            seen: "other programs are on the same hooks: \(listed(programs))",
            consequence: "both run; a destination that one of them replaces first is the one"
                + " that the rules see",
            remedy: "if connections go to the wrong place, see 'bpftool cgroup tree'")
    }

    static func openSockets(_ count: Int, _ sessions: Int) -> Self {
        var message = openConnections(count, sessions)
        message.consequence = "they bypass the proxy until they end"
        return message
    }

    private static func listed(_ programs: [ProgramSurvey.Program]) -> String {
        var hooks: [String: [String]] = [:]
        var names: [String] = []
        for program in programs {
            if hooks[program.name] == nil { names.append(program.name) }
            hooks[program.name, default: []].append(program.hook)
        }
        return names.map { "\($0) (\((hooks[$0] ?? []).joined(separator: ", ")))" }
            .joined(separator: ", ")
    }
}
