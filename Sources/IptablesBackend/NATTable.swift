package import Addressing
import IptablesRules
import RuleIR

/// The nat table of iptables, as others use it.
package enum NATTable {
    /// The ports that its rules send to another address; nil where it can't be shown.
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
