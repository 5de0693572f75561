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

    /// Settings of the eBPF backend.
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

/// A user, by UID or by account name.
package enum ProxyUser: Hashable, Sendable, CustomStringConvertible {
    case id(UserID)
    case name(String)

    /// Parses digits as a UID, and any other text as an account name of 1...32 bytes, as useradd(8)
    /// accepts.
    package init?(_ text: String) {
        if let id = UserID(text) {
            self = .id(id)
            return
        }
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "$"), UInt8(ascii: "@"):
                true
            default: false
            }
        }
        let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard allowed, !isNumber, (1...32).contains(text.utf8.count), !text.hasPrefix("-") else {
            return nil
        }
        self = .name(text)
    }

    package var description: String {
        switch self {
        case .id(let id): "\(id)"
        case .name(let name): name
        }
    }
}

/// The address families whose packets are redirected.
package enum IPFamilyMode: String, Hashable, Sendable, CaseIterable {
    case dualstack
    case ipv4
}

/// A network of containers behind an interface of this host, such as `docker0:172.17.0.0/16` or
/// `br+:fd00::/64`.
package struct VirtualNetwork: Hashable, Sendable, CustomStringConvertible {
    /// The interface on which packets of the containers arrive.
    package var interface: InterfacePattern
    /// The network of the containers; packets to it aren't outgoing.
    package var network: IPPrefix

    package init(interface: InterfacePattern, network: IPPrefix) {
        self.interface = interface
        self.network = network
    }

    package var description: String { "\(interface):\(network)" }
}

/// The configurable part of a chain's name, which follows `KUMA_MESH_`.
///
/// It has 1...18 letters, digits and `_`: iptables allows 28 bytes for the whole name.
package struct ChainSuffix: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package static let inbound = ChainSuffix(unchecked: "INBOUND")
    package static let inboundRedirect = ChainSuffix(unchecked: "INBOUND_REDIRECT")
    package static let outbound = ChainSuffix(unchecked: "OUTBOUND")
    package static let outboundRedirect = ChainSuffix(unchecked: "OUTBOUND_REDIRECT")

    package init?(_ text: String) {
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard allowed, (1...18).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
    }

    package var description: String { text }
}
