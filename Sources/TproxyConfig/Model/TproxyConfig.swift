package import Addressing

/// A complete and valid configuration.
///
/// `init()` holds Kuma's defaults. Every value is valid by construction; there is no later check.
package struct TproxyConfig: Hashable, Sendable {
    /// The user that the proxy runs as; nil tries UID 5678, then the account `kuma-dp`.
    package var kumaDPUser = Setting<ProxyUser?>(nil)
    package var ipFamilyMode = Setting(IPFamilyMode.dualstack)
    package var redirect = Redirect()
    package var ebpf = EBPF()
    package var retry = Retry()
    package var iptablesExecutables = Setting(IptablesExecutables())
    package var log = Log()
    package var comments = Comments()
    /// The time to wait for another program's change of the rules, in seconds.
    package var wait = Setting(5)
    /// The pause between two attempts while waiting, in microseconds; 0 is the default pause.
    package var waitInterval = Setting(0)
    package var dropInvalidPackets = Setting(false)
    package var storeFirewalld = Setting(false)
    package var cniMode = Setting(false)
    package var dryRun = Setting(false)
    package var verbose = Setting(false)

    package init() {}

    package struct Redirect: Hashable, Sendable {
        package var inbound = Inbound()
        package var outbound = Outbound()
        package var dns = DNS()
        package var vnet = VNet()
    }

    package struct Inbound: Hashable, Sendable {
        package var enabled = Setting(true)
        package var port = Setting(Port.inboundDefault)
        package var includePorts = Setting<[Setting<Port>]>([])
        package var excludePorts = Setting<[Setting<Port>]>([])
        package var excludePortsForUIDs = Setting<[Setting<OwnerExclusion>]>([])
        package var excludePortsForIPs = Setting<[Setting<IPPrefix>]>([])
        package var insertRedirectInsteadOfAppend = Setting(false)
        package var chainName = Setting(ChainSuffix.inbound)
        package var redirectChainName = Setting(ChainSuffix.inboundRedirect)
    }

    package struct Outbound: Hashable, Sendable {
        package var enabled = Setting(true)
        package var port = Setting(Port.outboundDefault)
        package var includePorts = Setting<[Setting<Port>]>([])
        package var excludePorts = Setting<[Setting<Port>]>([])
        package var excludePortsForUIDs = Setting<[Setting<OwnerExclusion>]>([])
        package var excludePortsForIPs = Setting<[Setting<IPPrefix>]>([])
        package var insertRedirectInsteadOfAppend = Setting(false)
        package var chainName = Setting(ChainSuffix.outbound)
        package var redirectChainName = Setting(ChainSuffix.outboundRedirect)
    }

    package struct DNS: Hashable, Sendable {
        package var enabled = Setting(false)
        package var port = Setting(Port.dnsDefault)
        package var captureAll = Setting(false)
        package var skipConntrackZoneSplit = Setting(false)
        package var resolvConfigPath = Setting("/etc/resolv.conf")
    }

    package struct VNet: Hashable, Sendable {
        package var networks = Setting<[Setting<VirtualNetwork>]>([])
    }

    /// Settings of the eBPF backend, which doesn't exist yet: read and checked, but not used.
    package struct EBPF: Hashable, Sendable {
        package var enabled = Setting(false)
        package var instanceIP = Setting<IPAddress?>(nil)
        package var instanceIPEnvVarName = Setting("")
        package var bpffsPath = Setting("/run/kuma/bpf")
        package var cgroupPath = Setting("/sys/fs/cgroup")
        package var programsSourcePath = Setting("/tmp/kuma-ebpf")
        package var tcAttachIface = Setting<InterfaceName?>(nil)
    }

    package struct Retry: Hashable, Sendable {
        /// The number of attempts after the first one; 4 makes five attempts.
        package var maxRetries = Setting(4)
        package var sleepBetweenRetries = Setting(Duration.seconds(2))
    }

    package struct Log: Hashable, Sendable {
        package var enabled = Setting(false)
        /// The syslog severity, 0...7.
        package var level = Setting(7)
    }

    package struct Comments: Hashable, Sendable {
        package var disabled = Setting(false)
    }
}
