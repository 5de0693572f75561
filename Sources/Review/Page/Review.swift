package import Addressing
package import Diagnostics
package import RuleIR
package import RuleTrace

/// The content of the page: what a reader needs to decide on a plan.
package struct Review {
    /// A name and a value, with the origin of the value.
    package struct Row {
        package var name: String
        package var value: String
        /// The source of the value.
        package var origin: String

        package init(name: String, value: String, origin: String) {
            self.name = name
            self.value = value
            self.origin = origin
        }
    }

    /// When, where and from which files the page was made.
    package struct Making {
        /// The name of the host, or of the file with its facts.
        package var host: String
        /// The time for people; nil if it isn't known.
        package var time: String?
        /// The version of the program.
        package var version: String
        package var files: [String]
        package var commandLine: String

        package init(
            host: String, time: String?, version: String, files: [String], commandLine: String
        ) {
            self.host = host
            self.time = time
            self.version = version
            self.files = files
            self.commandLine = commandLine
        }
    }

    package var making: Making
    /// The name of the rules, such as `table inet tproxy_mesh`.
    package var name: String
    package var digest: String
    package var ruleset: Ruleset
    package var flow: PacketFlow
    package var proxyUser: UserID
    /// The addresses of the host, if they are known.
    package var addresses: LocalAddresses
    package var settings: [Row]
    /// The settings that differ from their defaults.
    package var changedSettings: [Row]
    package var facts: [Row]
    /// The warnings of the compiler and about its inputs, and what apply would refuse.
    package var warnings: [Diagnostic]
    /// The findings on the host; nil if the preflight didn't run.
    package var preflight: [Diagnostic]?
    package var changes: ReviewChanges
    package var traffic: ReviewTraffic
    /// Returns where the user set a configuration path, or that it has its default.
    package var originOf: (String) -> String

    package init(
        making: Making, name: String, digest: String, ruleset: Ruleset, flow: PacketFlow,
        proxyUser: UserID, addresses: LocalAddresses, settings: [Row] = [],
        changedSettings: [Row] = [], facts: [Row] = [], warnings: [Diagnostic] = [],
        preflight: [Diagnostic]? = nil, changes: ReviewChanges, traffic: ReviewTraffic,
        originOf: @escaping (String) -> String
    ) {
        self.making = making
        self.name = name
        self.digest = digest
        self.ruleset = ruleset
        self.flow = flow
        self.proxyUser = proxyUser
        self.addresses = addresses
        self.settings = settings
        self.changedSettings = changedSettings
        self.facts = facts
        self.warnings = warnings
        self.preflight = preflight
        self.changes = changes
        self.traffic = traffic
        self.originOf = originOf
    }
}
