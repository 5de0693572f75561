package import Addressing
package import Diagnostics
package import RuleIR
package import RuleTrace

/// What a person decides on before rules are loaded: everything that the page shows.
package struct Review {
    /// A name and a value, with what else there is to say of it.
    package struct Row {
        package var name: String
        package var value: String
        /// Where it comes from.
        package var origin: String

        package init(name: String, value: String, origin: String) {
            self.name = name
            self.value = value
            self.origin = origin
        }
    }

    /// What the plan would change of what is loaded.
    package struct Comparison {
        package struct Change {
            /// `added`, `removed`, `moved`, ...
            package var kind: String
            /// Where in the rules.
            package var place: String
            package var text: String

            package init(kind: String, place: String, text: String) {
                self.kind = kind
                self.place = place
                self.text = text
            }
        }

        /// What is loaded, and what apply would do about it, in a sentence.
        package var summary: String
        package var changes: [Change]

        package init(summary: String, changes: [Change]) {
            self.summary = summary
            self.changes = changes
        }
    }

    /// What the rules would be found under, such as `table inet tproxy_mesh`.
    package var name: String
    package var digest: String
    /// The version of the program that made it.
    package var version: String
    package var ruleset: Ruleset
    package var flow: PacketFlow
    package var proxyUser: UserID
    /// The host's own, where it is known.
    package var addresses: LocalAddresses
    package var settings: [Row]
    package var facts: [Row]
    /// What was noticed while the rules were made.
    package var warnings: [Diagnostic]
    /// Nil when the plan wasn't compared.
    package var comparison: Comparison?
    /// What was found on the host; nil when nobody looked.
    package var preflight: [Diagnostic]?
    /// Where the user set a configuration path, or that it is at its default.
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
