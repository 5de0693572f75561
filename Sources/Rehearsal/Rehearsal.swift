import Addressing
import Glibc
import RuleTrace

/// A trial of rules with real packets, in namespaces that go with the process.
package struct Rehearsal: Sendable {
    private let setting: RehearsalSetting
    private let paths: [RehearsalPath]

    package init(_ setting: RehearsalSetting, paths: [RehearsalPath]) {
        self.setting = setting
        self.paths = paths
    }

    /// Whether the kernel has IPv6 at all.
    package static var hasIPv6: Bool { unsafe access("/proc/net/if_inet6", F_OK) == 0 }

    /// Makes the namespaces, lets `load` put the rules into the host's, and sends every packet.
    ///
    /// Everything happens on the calling thread, which is back in its own namespace afterwards.
    package func run(load: () throws -> Void) throws -> [RehearsalResult] {
        try StandingRehearsal.run(networks: setting.networks) { rehearsal in
            try load()
            return try rehearsal.send(paths, setting)
        }
    }
}
