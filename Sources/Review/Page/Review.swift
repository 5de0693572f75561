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

    /// The changes of the plan to the loaded rules.
    package struct Comparison {
        package struct Change {
            /// `added`, `removed`, `moved`, ...
            package var kind: String
            /// The position in the rules.
            package var place: String
            package var text: String

            package init(kind: String, place: String, text: String) {
                self.kind = kind
                self.place = place
                self.text = text
            }
        }

        /// The loaded rules and the effect of apply, in one sentence.
        package var summary: String
        package var changes: [Change]

        package init(summary: String, changes: [Change]) {
            self.summary = summary
            self.changes = changes
        }
    }

    /// The name of the rules, such as `table inet tproxy_mesh`.
    package var name: String
    package var digest: String
    /// The version of the program that made the page.
    package var version: String
    package var ruleset: Ruleset
    package var flow: PacketFlow
    package var proxyUser: UserID
    /// The addresses of the host, if they are known.
    package var addresses: LocalAddresses
    package var settings: [Row]
    package var facts: [Row]
    /// The warnings of the compiler.
    package var warnings: [Diagnostic]
    /// The comparison with the host; nil if there was none.
    package var comparison: Comparison?
    /// The findings on the host; nil if the preflight didn't run.
    package var preflight: [Diagnostic]?
    /// Returns where the user set a configuration path, or that it has its default.
    package var originOf: (String) -> String

    package init(
        name: String, digest: String, version: String, ruleset: Ruleset, flow: PacketFlow,
        proxyUser: UserID, addresses: LocalAddresses, settings: [Row], facts: [Row],
        warnings: [Diagnostic], comparison: Comparison? = nil, preflight: [Diagnostic]? = nil,
        originOf: @escaping (String) -> String
    ) {
        self.name = name
        self.digest = digest
        self.version = version
        self.ruleset = ruleset
        self.flow = flow
        self.proxyUser = proxyUser
        self.addresses = addresses
        self.settings = settings
        self.facts = facts
        self.warnings = warnings
        self.comparison = comparison
        self.preflight = preflight
        self.originOf = originOf
    }
}
