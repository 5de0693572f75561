import Addressing
import ArgumentParser
import TproxyOperations

/// Which rules a command is about: the configuration, the host, the instance and the backend.
struct PlanOptions: ParsableArguments {
    @OptionGroup var backend: BackendOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    /// Reads everything, compiles, prints warnings; throws what is wrong.
    func plan(interface: InterfaceName? = nil) throws -> Plan {
        try Plan(configuration, facts, instance, interface: interface)
    }
}
