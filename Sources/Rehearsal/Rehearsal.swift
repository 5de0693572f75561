import Addressing
import Glibc
import RuleTrace

/// Tests rules with real packets, in namespaces that exist as long as the process.
package struct Rehearsal: Sendable {
    private let setting: RehearsalSetting
    private let paths: [RehearsalPath]

    package init(_ setting: RehearsalSetting, paths: [RehearsalPath]) {
        self.setting = setting
        self.paths = paths
    }

    /// Whether the kernel supports IPv6.
    package static var hasIPv6: Bool { unsafe access("/proc/net/if_inet6", F_OK) == 0 }

    /// Creates the namespaces, loads the rules into the host's with `load`, and sends every packet.
    ///
    /// Everything runs on the calling thread, which returns to its own namespace.
    package func run(load: () throws -> Void) throws -> [RehearsalResult] {
        try StandingRehearsal.run(networks: setting.networks) { rehearsal in
            try load()
            return try rehearsal.send(paths, setting)
        }
    }
}
