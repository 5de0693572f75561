import Addressing
import ArgumentParser
import TproxyOperations

/// The options that select the rules: configuration, host facts, instance and backend.
struct PlanOptions: ParsableArguments {
    @OptionGroup var backend: BackendOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    /// Reads all input and compiles it; prints warnings, throws errors.
    func plan(interface: InterfaceName? = nil) throws -> Plan {
        try Plan(configuration, facts, instance, backend, interface: interface)
    }
}
