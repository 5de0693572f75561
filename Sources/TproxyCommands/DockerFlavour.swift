import IptablesBackend
import RuleIR

extension BackendSelection {
    /// Throws where rules of an iptables backend would jump to a chain of Docker's that is in the tables of
    /// the other flavour.
    ///
    /// The backend refuses them itself; asked before the preflight, it is the only one that says so.
    func checkDockerChain(
        for ruleset: Ruleset, _ name: BackendName
    ) throws(CommandFailure) {
        let flavour: IptablesFlavour
        switch name {
        case .nft: return
        case .iptablesNft: flavour = .nft
        case .iptablesLegacy: flavour = .legacy
        }
        do throws(BackendError) {
            try IptablesBackend(flavour, version: tproxyVersion, retry: retry, paths: paths)
                .checkDockerChain(for: ruleset)
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }
}
