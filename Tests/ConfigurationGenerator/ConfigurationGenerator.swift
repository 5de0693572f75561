import Addressing
import HostFacts
import Rehearsal

/// Generates random valid configurations, with every key and with values close to each other.
package struct ConfigurationGenerator {
    var random: SeededGenerator

    private init(_ random: SeededGenerator) {
        self.random = random
    }

    /// The configuration of a seed.
    package static func configuration(seed: UInt64) -> GeneratedConfiguration {
        var generator = ConfigurationGenerator(SeededGenerator(seed: seed))
        return generator.configuration()
    }

    private mutating func configuration() -> GeneratedConfiguration {
        let all = general() + inbound() + outbound() + dns() + networks() + installation()
        // One in ten is as short as real configurations are.
        let entries = chance(10) ? all.filter { _ in chance(15) } : all
        return GeneratedConfiguration(
            entries: entries, environment: chance(15) ? chainNames() : [:], facts: facts())
    }

    // The percentage is that of the configurations with a key.

    private mutating func general() -> [GeneratedConfiguration.Entry] {
        [
            scalar("kumaDPUser", 40) { $0.proxyUser() },
            scalar("ipFamilyMode", 30) { $0.one(of: ["dualstack", "ipv4", "", "IPv4"]) },
            scalar("dropInvalidPackets", 25) { $0.bool() },
            scalar("log.enabled", 20) { $0.bool() },
            scalar("log.level", 15) { "\($0.number(0...7))" },
            scalar("comments.disabled", 20) { $0.bool() },
            scalar("cniMode", 5) { $0.bool() },
            scalar("dryRun", 5) { $0.bool() },
            scalar("verbose", 5) { $0.bool() },
        ].compactMap(\.self)
    }

    private mutating func inbound() -> [GeneratedConfiguration.Entry] {
        let place = "redirect.inbound"
        return [
            scalar("\(place).enabled", 25) { $0.bool() },
            scalar("\(place).port", 25) { $0.port() },
            list("\(place).includePorts", 15) { $0.port() },
            list("\(place).excludePorts", 35) { $0.port() },
            list("\(place).excludePortsForUIDs", 20) { $0.ownerExclusion() },
            list("\(place).excludePortsForIPs", 30, addresses()),
            scalar("\(place).insertRedirectInsteadOfAppend", 25) { $0.bool() },
        ].compactMap(\.self)
    }

    private mutating func outbound() -> [GeneratedConfiguration.Entry] {
        let place = "redirect.outbound"
        return [
            scalar("\(place).enabled", 20) { $0.bool() },
            scalar("\(place).port", 25) { $0.port() },
            list("\(place).includePorts", 15) { $0.port() },
            list("\(place).excludePorts", 35) { $0.port() },
            list("\(place).excludePortsForUIDs", 35) { $0.ownerExclusion() },
            list("\(place).excludePortsForIPs", 35, addresses()),
            scalar("\(place).insertRedirectInsteadOfAppend", 25) { $0.bool() },
        ].compactMap(\.self)
    }

    private mutating func dns() -> [GeneratedConfiguration.Entry] {
        let place = "redirect.dns"
        return [
            scalar("\(place).enabled", 65) { $0.chance(85) ? "true" : "false" },
            scalar("\(place).port", 25) { $0.port() },
            scalar("\(place).captureAll", 45) { $0.bool() },
            scalar("\(place).skipConntrackZoneSplit", 25) { $0.bool() },
            scalar("\(place).resolvConfigPath", 5) { _ in "/run/resolv.conf" },
        ].compactMap(\.self)
    }

    private mutating func networks() -> [GeneratedConfiguration.Entry] {
        [list("redirect.vnet.networks", 40, virtualNetworks())].compactMap(\.self)
    }

    /// Keys about how rules are applied, not about the rules.
    private mutating func installation() -> [GeneratedConfiguration.Entry] {
        [
            scalar("retry.maxRetries", 5) { "\($0.number(0...1000))" },
            scalar("retry.sleepBetweenRetries", 5) { $0.one(of: ["0", "2s", "1m30s", "1.5h"]) },
            scalar("wait", 5) { "\($0.number(0...86_400))" },
            scalar("waitInterval", 5) { "\($0.number(0...1_000_000))" },
            scalar("storeFirewalld", 5) { $0.bool() },
            chance(5)
                ? .init(
                    "iptablesExecutables",
                    .mapping(
                        Dictionary(
                            uniqueKeysWithValues: ["", "-save", "-restore"].map {
                                ("iptables\($0)", "/usr/sbin/iptables\($0)")
                            }))) : nil,
            scalar("ebpf.enabled", 3) { _ in "false" },
            scalar("ebpf.instanceIP", 3) { $0.one(of: ["", "10.0.0.1", "fd00::1"]) },
            scalar("ebpf.instanceIPEnvVarName", 3) { _ in "INSTANCE_IP" },
            scalar("ebpf.bpffsPath", 3) { _ in "/sys/fs/bpf" },
            scalar("ebpf.cgroupPath", 3) { _ in "/sys/fs/cgroup/unified" },
            scalar("ebpf.programsSourcePath", 3) { _ in "/opt/ebpf" },
            scalar("ebpf.tcAttachIface", 3) { $0.one(of: ["", "eth0"]) },
        ].compactMap(\.self)
    }

    private mutating func facts() -> HostFacts {
        let isUsable = chance(90)
        return HostFacts(
            proxyUser: chance(70) ? .kumaDefault : UserID(user()) ?? .kumaDefault,
            resolvers: resolvers(),
            ipv6: HostFacts.IPv6(
                isUsable: isUsable, reason: isUsable ? "random" : "random, none"),
            hasDockerDNSChain: chance(6))
    }
}
