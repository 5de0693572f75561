import Addressing
import TextSearch

/// Recognizes the chains of Kuma up to 2.1: `MESH_INBOUND` and three more, without Kuma's prefix.
///
/// The names alone don't identify them. All four chains must exist, and each of their rules must be
/// one that these versions write.
package enum OldKumaChains {
    package static let inbound = "MESH_INBOUND"
    package static let outbound = "MESH_OUTBOUND"
    package static let inboundRedirect = "MESH_INBOUND_REDIRECT"
    package static let outboundRedirect = "MESH_OUTBOUND_REDIRECT"
    package static let names: Set<String> = [inbound, outbound, inboundRedirect, outboundRedirect]

    /// Returns Kuma's chains in the table: all four or none.
    static func found(in table: SavedTable) -> Set<String> {
        guard table.table == "nat", names.isSubset(of: table.chains) else { return [] }
        let rules = table.rulesByChain
        let areFromKuma =
            isRedirection(rules[inboundRedirect] ?? [])
            && isRedirection(rules[outboundRedirect] ?? [])
            && allMatch(rules[inbound] ?? [], Self.isInbound)
            && allMatch(rules[outbound] ?? [], Self.isOutbound)
        return areFromKuma ? names : []
    }

    /// Whether the only rule redirects all TCP to a port.
    private static func isRedirection(_ rules: [SavedRule]) -> Bool {
        guard rules.count == 1, let rule = rules.first?.rule, rule.header == ["-p", "tcp"],
            rule.extensions.isEmpty
        else { return false }
        return redirection(rule) != nil
    }

    private static func allMatch(_ rules: [SavedRule], _ isFromKuma: (IptablesRule) -> Bool) -> Bool
    {
        !rules.isEmpty && rules.allSatisfy { isFromKuma($0.rule) }
    }

    private static func redirection(_ rule: IptablesRule) -> Port? {
        let words = rule.target
        guard words.count == 4, words.starts(with: ["-j", "REDIRECT", "--to-ports"]) else {
            return nil
        }
        return Port(words[3])
    }

    /// Whether the rule excludes a port or jumps to the redirect.
    private static func isInbound(_ rule: IptablesRule) -> Bool {
        guard rule.header == ["-p", "tcp"] else { return false }
        return rule.target == ["-j", inboundRedirect] && rule.extensions.isEmpty
            || rule.target == ["-j", "RETURN"] && (rule.extensions.isEmpty || isOnePort(rule))
    }

    private static func isOutbound(_ rule: IptablesRule) -> Bool {
        let header = rule.header.joined(separator: " ")
        let extensions = rule.extensions.joined(separator: " ")
        let isLocal = ["127.0.0.1/32", "::1/128"].contains { header == "-d \($0)" }
        switch rule.target.dropFirst().first {
        case "RETURN":
            return (header == "-p tcp" && (extensions.isEmpty || isOnePort(rule)))
                || (isFromPassthrough(header) && extensions.isEmpty)
                || (isByLoopback(header) && isOfOwner(extensions, isNegated: true))
                || (header.isEmpty && isOfOwner(extensions, isNegated: false))
                || (isLocal && extensions.isEmpty)
        case inboundRedirect:
            return isByLoopback(header) && isOfOwner(extensions, isNegated: false)
        case outboundRedirect:
            return ["", "-p tcp"].contains(header) && (extensions.isEmpty || isOnePort(rule))
        case "REDIRECT":
            return header == "-p tcp" && extensions == "-m tcp --dport 53"
                && redirection(rule) != nil
        case _: return false
        }
    }

    private static func isOnePort(_ rule: IptablesRule) -> Bool {
        rule.extensions.count == 4 && rule.extensions.starts(with: ["-m", "tcp", "--dport"])
            && Port(rule.extensions[3]) != nil
    }

    /// Whether the header is `-s 127.0.0.6/32 -o lo`, for connections from the proxy to the
    /// application.
    private static func isFromPassthrough(_ header: String) -> Bool {
        ["-s 127.0.0.6/32 -o ", "-s ::6/128 -o "].contains { header.hasPrefix($0) }
    }

    private static func isByLoopback(_ header: String) -> Bool {
        header.hasSuffix("-p tcp") && header.contains(text: "-o ")
            && ["! -d 127.0.0.1/32 -o ", "! -d ::1/128 -o ", "-o "].contains {
                header.hasPrefix($0)
            }
    }

    /// Whether the extensions match the proxy's UID, or with `isNegated` all others, on all ports
    /// or all but DNS.
    private static func isOfOwner(_ extensions: String, isNegated: Bool) -> Bool {
        let sign = isNegated ? "! " : ""
        return ["", "-m tcp ! --dport 53 "].contains { ports in
            let start = "\(ports)-m owner \(sign)--uid-owner "
            return extensions.hasPrefix(start) && UserID(extensions.dropFirst(start.count)) != nil
        }
    }
}
