import Addressing
import ArgumentParser
import Diagnostics
import RuleIR
import TproxyConfig
import TproxyOperations

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Prove with real connections that the loaded rules work; changes nothing.",
        discussion: """
            Connects as an application and as the proxy, in each family, and listens on those of the \
            proxy's ports that are free. Needs no privilege: as the proxy's user it proves incoming \
            connections and the proxy's own, as another user outgoing ones and DNS, and with \
            CAP_SETUID all of them. Connections from other hosts can't be made here; 'tproxy diff' \
            compares their rules. Exits 2 if a path is broken, 1 if no redirection is proved.
            """)

    @OptionGroup var options: ValidationOptions
    @OptionGroup var screen: ScreenOptions
    @OptionGroup var configuration: ConfigurationOptions

    func run() throws {
        try ValidationRequest(options, configuration.sources, isKumactls: false).run()
    }
}

/// The command `tproxy install transparent-proxy-validator`, which Kuma's control plane calls.
struct InstallValidatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transparent-proxy-validator", abstract: "Same as 'tproxy validate'.",
        discussion: """
            Without a configured user, the proxy's user is the one that runs this command, as in Kuma's \
            container kuma-validation.
            """)

    @Option(help: "The proxy's port for incoming connections; same as --redirect-inbound-port.")
    var validationServerPort: String?

    @OptionGroup var options: ValidationOptions
    @OptionGroup var screen: ScreenOptions
    @OptionGroup var configuration: ConfigurationOptions

    func validate() throws {
        guard validationServerPort.map({ Port($0) != nil }) ?? true else {
            throw ValidationError("--validation-server-port takes a number of 1...65535")
        }
    }

    func run() throws {
        var sources = configuration.sources
        if let validationServerPort {
            sources.flags.append(
                FlagValue(name: "--redirect-inbound-port", values: [validationServerPort]))
        }
        try ValidationRequest(options, sources, isKumactls: true).run()
    }
}

/// How long to wait, and how to print.
struct ValidationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The time in which a connection has to arrive, in seconds (1...60).",
            valueName: "seconds"))
    var timeout = 3

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    func validate() throws {
        guard (1...60).contains(timeout) else {
            throw ValidationError("--timeout takes a number of 1...60")
        }
    }
}

/// The arguments of `validate`.
private struct ValidationRequest {
    private let options: ValidationOptions
    private let sources: ConfigurationSources
    private let isKumactls: Bool

    init(_ options: ValidationOptions, _ sources: ConfigurationSources, isKumactls: Bool) {
        self.options = options
        self.sources = sources
        self.isKumactls = isKumactls
    }

    func run() throws {
        var config = try sources.load()
        if isKumactls { config = PlanValidation.configuration(ofContainer: config) }
        let reading = try FactsReading(of: config)
        Console.report(reading.notices)
        let plan = Plan(config, on: reading.facts, instance: .mesh)
        Console.report(plan.warnings)
        let validation = PlanValidation(plan, timeout: .seconds(options.timeout))
        let report = ValidationReport(validation)
        switch options.output {
        case .text: Console.result(report.text)
        case .json: try Console.document(report)
        }
        Console.report(validation.notices + validation.errors)
        guard validation.errors.isEmpty else {
            throw validation.isBroken ? ExitStatus.differs.code : ExitStatus.failed.code
        }
    }
}
