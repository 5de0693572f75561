package import Addressing
import IptablesRules
import RuleIR

/// The nat table of iptables, as other programs use it.
package enum NATTable {
    /// Returns the ports that its rules translate to another address; nil if it can't be read.
    package static func publishedPorts(
        _ flavour: IptablesFlavour, _ family: AddressFamily, paths: [String: String]
    ) -> [Port]? {
        guard let tools = try? Toolset.find(flavour, family, paths: paths),
            let saved = try? FamilyTables(tools, RetryPolicy()).saved(),
            let nat = saved.table(.nat)
        else { return nil }
        return nat.publishedPorts
    }
}
