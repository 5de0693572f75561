import Addressing
import HostFacts
import RuleIR
import TproxyOperations

extension Plan {
    /// Reads everything, compiles, prints warnings; throws what is wrong.
    ///
    /// `interface` stands in for the host's loopback interface, where the rules are for another
    /// network namespace.
    init(
        _ configuration: ConfigurationOptions, _ facts: FactsOptions, _ instance: InstanceOptions,
        interface: InterfaceName? = nil
    ) throws {
        let config = try configuration.load()
        var read = try facts.load(for: config)
        if let interface { read.loopback = interface }
        self.init(config, on: read, instance: instance.instance)
        Console.report(warnings)
    }
}
