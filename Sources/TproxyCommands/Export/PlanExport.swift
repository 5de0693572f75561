import Addressing
import Diagnostics
import HostFacts
import TproxyConfig

extension Plan {
    /// What of the configuration doesn't go with a file that loads the native table.
    var exportRefusals: [Diagnostic] {
        var found: [Diagnostic] = []
        if config.ebpf.enabled.value {
            found.append(.noEBPF(at: config.ebpf.enabled.origin.location))
        }
        if config.storeFirewalld.value {
            found.append(.storedForFirewalldToo(at: config.storeFirewalld.origin.location))
        }
        if config.dryRun.value {
            found.append(.dryRunExport(at: config.dryRun.origin.location))
        }
        return found
    }

    /// A warning that the file will name the DNS servers of now when the host has others.
    var resolversOfNow: Diagnostic? {
        let dns = config.redirect.dns
        guard dns.enabled.value, !dns.captureAll.value, !facts.resolvers.isEmpty else { return nil }
        return .resolversOfNow(facts.resolvers.map(\.description))
    }
}
