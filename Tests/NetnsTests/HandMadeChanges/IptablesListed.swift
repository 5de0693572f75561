import Addressing
import Foundation
import TproxyTestSupport

/// The chains of an iptables backend as iptables-save(8) lists them, and changes of them.
enum IptablesListed {
    /// `flavour` is `nft` or `legacy`.
    static func chains(_ flavour: String, _ sandbox: Sandbox) async throws -> [ListedChain] {
        var chains: [ListedChain] = []
        for (family, tool) in [
            (AddressFamily.ipv4, "iptables-\(flavour)"), (.ipv6, "ip6tables-\(flavour)"),
        ] {
            let listing = try await sandbox.shell("\(tool)-save")
            var table = ""
            var rules: [String: [String]] = [:]
            for line in listing.split(separator: "\n") {
                if line.hasPrefix("*") { table = String(line.dropFirst()) }
                if line.hasPrefix("-A ") {
                    let words = line.split(separator: " ", maxSplits: 2).map(String.init)
                    rules[words[1], default: []].append(words[2])
                }
                if line == "COMMIT" {
                    for (name, listed) in rules.sorted(by: { $0.key < $1.key })
                    where name != "KUMA_MESH_TPROXY" {
                        chains.append(chain(name, listed, tool, table, family))
                    }
                    rules = [:]
                }
            }
        }
        return chains
    }

    private static func chain(
        _ name: String, _ rules: [String], _ tool: String, _ table: String,
        _ family: AddressFamily
    ) -> ListedChain {
        // Rules count from 1; the ones after a deleted rule have moved up.
        ListedChain(
            name: "\(table) of \(family.displayName) \(name)", rules: rules,
            isOurs: name.hasPrefix("KUMA_MESH_"),
            delete: { "\(tool) -t \(table) -D \(name) \($0 + 1)" },
            insert: { rule, place in
                let number = place + 1 - rules.prefix(place).count { $0 == rule }
                // Quotes in comments are written as iptables-restore reads them, not as a shell does.
                return """
                    \(tool)-restore -n <<'RULE'
                    *\(table)
                    -I \(name) \(number) \(rule)
                    COMMIT
                    RULE
                    """
            },
            newRule: { "-p tcp -m tcp --dport \($0) -j RETURN" })
    }
}
