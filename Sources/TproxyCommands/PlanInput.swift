import Addressing
import Diagnostics
import HostFacts
import RuleIR
import TproxyOperations

extension Plan {
    /// Reads all input and compiles it; prints warnings, throws errors.
    ///
    /// `interface` replaces the host's loopback interface, for rules of another network namespace.
    /// Without `reportsWarnings`, the caller prints the plan's warnings.
    init(
        _ configuration: ConfigurationSources, _ facts: String?, _ instance: InstanceName,
        interface: InterfaceName? = nil, reportsWarnings: Bool = true
    ) throws {
        let input = try configuration.read()
        let reading = try FactsReading(facts, for: input.config)
        Console.report(reading.notices)
        var read = reading.facts
        if let interface { read.loopback = interface }
        self.init(input.config, on: read, instance: instance)
        if reportsWarnings { Console.report(warnings) }
        let earlier = input.notices + reading.notices
        warnings = earlier.filter { $0.severity == .warning } + warnings
    }

    /// Creates a plan from parsed options.
    init(
        _ configuration: ConfigurationOptions, _ facts: FactsOptions, _ instance: InstanceOptions,
        _ backend: BackendOptions? = nil, interface: InterfaceName? = nil,
        reportsWarnings: Bool = true
    ) throws {
        var sources = configuration.sources
        sources.backend = backend?.backend
        try self.init(
            sources, facts.facts, instance.instance, interface: interface,
            reportsWarnings: reportsWarnings)
    }
}
