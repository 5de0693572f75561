package import ArgumentParser
import RuleIR
import TproxyOperations

extension InstanceName: ExpressibleByArgument {
    package init?(argument: String) {
        self.init(argument)
    }
}

/// The installation that a command acts on.
struct InstanceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The name of the installation; its table is inet tproxy_<name>.",
            discussion: "1 to 16 lower-case letters, digits and underscores.", valueName: "name"))
    var instance: InstanceName = .mesh
}

/// The backend that loads the rules.
struct BackendOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The backend that loads the rules (default: nft).",
            discussion: """
                'iptables' is the flavour that the host uses. Rules stored for firewalld \
                are loaded by iptables, in the flavour that firewalld calls.
                """))
    var backend: BackendChoice?

    /// Returns the given choice, or the default for the plan.
    func choice(for plan: Plan) -> BackendChoice { BackendChoice(backend, for: plan.config) }
}

extension BackendChoice: ExpressibleByArgument {
    package init?(argument: String) {
        self.init(argument)
    }

    package static var allValueStrings: [String] { allTexts }

    package static var defaultCompletionKind: CompletionKind { .list(allTexts) }

    package var defaultValueDescription: String { text }
}

extension Submission: ExpressibleByArgument {}

/// The file that firewalld reads.
struct FirewalldOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file that rules are stored in for firewalld.", valueName: "file"),
        completion: .file())
    var firewalldFile = FirewalldStore.standardPath
}

/// The format of a result.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}
