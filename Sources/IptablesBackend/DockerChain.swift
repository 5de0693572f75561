import Addressing
import IptablesRules
package import RuleIR

// Docker's DNS rules in a container, to which our rules jump.
extension IptablesBackend {
    /// Throws `unsupported` if rules jump to Docker's chain and this flavour's tables lack it.
    ///
    /// Reads tables and changes nothing.
    package func check(_ ruleset: Ruleset) throws(BackendError) {
        guard ruleset.yieldsToDocker, let tables = try tables(.ipv4) else { return }
        try checkDockerChain(for: ruleset, in: [tables.state()])
    }

    /// Checks the same for known states of the IPv4 tables.
    func checkDockerChain(
        for ruleset: Ruleset, in states: [FamilyState]
    ) throws(BackendError) {
        guard ruleset.yieldsToDocker, !states.contains(where: \.hasDocker) else { return }
        let other: IptablesFlavour = flavour == .nft ? .legacy : .nft
        let place = "\(flavour.name) beside Docker's DNS rules"
        guard try Self.hasDockerChain(other) else {
            throw .unsupported(
                feature: "\(place): the chain DOCKER_OUTPUT is in the tables of neither flavour",
                remedy: "use --backend nft")
        }
        throw .unsupported(
            feature: "\(place): the chain DOCKER_OUTPUT is in the tables of \(other.name)",
            remedy: "use --backend \(other.name), or nft")
    }

    private static func hasDockerChain(_ flavour: IptablesFlavour) throws(BackendError) -> Bool {
        guard let tools = try Toolset.find(flavour, .ipv4) else { return false }
        return try FamilyTables(tools, RetryPolicy()).state().hasDocker
    }
}
