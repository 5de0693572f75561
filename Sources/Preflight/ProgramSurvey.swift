import Addressing

/// What the eBPF backend needs of a host, and who else uses its hooks.
package struct ProgramSurvey: Hashable, Sendable, Codable {
    /// A feature of the kernel, which was tried.
    package struct Feature: Hashable, Sendable, Codable {
        package var name: String
        /// The first version of Linux that has it.
        package var since: String
        /// The kernel's error; nil if the kernel has it.
        package var problem: String?

        package init(name: String, since: String, problem: String?) {
            self.name = name
            self.since = since
            self.problem = problem
        }
    }

    /// A path that the programs need.
    package struct Place: Hashable, Sendable, Codable {
        /// Nil if it can't be used.
        package var path: String?
        package var problem: String?
        package var remedy: String?

        package init(path: String? = nil, problem: String? = nil, remedy: String? = nil) {
            self.path = path
            self.problem = problem
            self.remedy = remedy
        }
    }

    /// A program of another owner.
    package struct Program: Hashable, Sendable, Codable {
        package var id: UInt32
        package var name: String
        /// The hook, as bpftool(8) names it.
        package var hook: String

        package init(id: UInt32, name: String, hook: String) {
            self.id = id
            self.name = name
            self.hook = hook
        }
    }

    /// UIDs of this user namespace, from `first` on, that are `outer` in the one around it.
    package struct MappedUsers: Hashable, Sendable, Codable {
        package var first: UInt32
        package var outer: UInt32
        package var count: UInt32

        package init(first: UInt32, outer: UInt32, count: UInt32) {
            self.first = first
            self.outer = outer
            self.count = count
        }
    }

    /// The release of the kernel, such as `6.1.0-28-amd64`.
    package var kernel = ""
    /// Empty if the process may not try them.
    package var features: [Feature] = []
    package var hasLibrary = true
    package var cgroup = Place()
    /// The places at which cgroup v2 is mounted.
    package var cgroupMounts: [String] = []
    package var bpffs = Place()
    /// The capabilities that the process lacks.
    package var missingCapabilities: [String] = []
    /// The lockdown mode of the kernel: `integrity` or `confidentiality`; nil for none.
    package var lockdown: String?
    /// The other programs on the same hooks.
    package var programs: [Program] = []
    /// The map of UIDs; empty in the initial user namespace.
    package var users: [MappedUsers] = []

    package init() {}

    /// The version of Linux that the programs need.
    package static let neededVersion = (major: 5, minor: 15)

    /// Whether the kernel is older than the programs need; false if its release isn't a version.
    package var isOld: Bool {
        let numbers = kernel.split(separator: ".", maxSplits: 2).prefix(2)
            .map { Int($0.prefix(while: \.isWholeNumber)) ?? 0 }
        guard numbers.count == 2, numbers[0] > 0 else { return false }
        return (numbers[0], numbers[1]) < (Self.neededVersion.major, Self.neededVersion.minor)
    }

    /// Returns the UID that the initial user namespace has for a UID of this one.
    func outerUser(_ user: UserID) -> UserID? {
        let map = users.first { $0.first <= user.number && user.number - $0.first < $0.count }
        guard let map else { return nil }
        return UserID(UInt64(map.outer) + UInt64(user.number - map.first))
    }
}

extension ProgramSurvey.Program {
    /// Whether it is of Cilium's socket load balancer, by the names that Cilium gives.
    package var isOfCilium: Bool {
        name.hasPrefix("cil_sock4_") || name.hasPrefix("cil_sock6_")
            || (name.hasPrefix("sock4_") || name.hasPrefix("sock6_"))
    }
}
