import Addressing
import EBPFBackend
import IptablesBackend
import NftablesBackend
import RuleIR

/// A way to load rules into a kernel.
enum HostUnderTest: String, CaseIterable, Sendable, CustomStringConvertible {
    case nft
    /// The same table as netlink messages.
    case nftByNetlink = "nft-by-netlink"
    case iptablesNft = "iptables-nft"
    case iptablesLegacy = "iptables-legacy"
    /// A `direct.xml` that a real firewalld loads.
    case firewalld
    /// Programs that redirect sockets.
    case ebpf

    var description: String { rawValue }

    /// Returns the part of a trial that this way of loading rules can express; nil for none.
    func part(of trial: Trial) throws -> Trial? {
        switch self {
        case .nft, .nftByNetlink, .iptablesNft, .iptablesLegacy: trial
        // Docker's chain doesn't exist yet when firewalld starts; the export refuses it.
        case .firewalld: trial.plan.ruleset.asksDocker ? nil : trial
        case .ebpf: try trial.ofSockets()
        }
    }

    /// Lets `body` load rules into the thread's network namespace.
    func with<Result>(_ body: (any RulesLoader) throws -> Result) throws -> Result {
        switch self {
        case .nft:
            return try body(NftablesBackend(version: "differential", submission: .libnftables))
        case .nftByNetlink:
            return try body(NftablesBackend(version: "differential", submission: .netlink))
        case .iptablesNft:
            return try body(IptablesHost(IptablesBackend(.nft, version: "differential")))
        case .iptablesLegacy:
            return try body(IptablesHost(IptablesBackend(.legacy, version: "differential")))
        case .firewalld:
            let host = try FirewalldHost()
            defer { host.end() }
            return try body(host)
        case .ebpf:
            let cgroup = try ThreadCgroup()
            defer { cgroup.end() }
            return try body(EBPFBackend(version: "differential").rehearsing())
        }
    }
}

/// Replaces the loaded rules.
protocol RulesLoader {
    func load(_ ruleset: Ruleset) throws
}

extension NftablesBackend: RulesLoader {
    func load(_ ruleset: Ruleset) throws { _ = try apply(ruleset) }
}

extension EBPFBackend: RulesLoader {
    func load(_ ruleset: Ruleset) throws { _ = try apply(ruleset) }
}

/// iptables, with a stand-in for Docker's chain.
struct IptablesHost: RulesLoader {
    private let backend: IptablesBackend

    init(_ backend: IptablesBackend) throws {
        self.backend = backend
        try backend.createDockerChain()
    }

    func load(_ ruleset: Ruleset) throws { _ = try backend.apply(ruleset) }
}

extension Ruleset {
    /// Whether a rule jumps to Docker's chain.
    var asksDocker: Bool {
        families.contains(.ipv4)
            && locatedRules.contains { $0.rule.action == .yieldToDockerDNS }
    }
}
