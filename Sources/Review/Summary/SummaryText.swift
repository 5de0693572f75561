import Addressing
import RuleIR

extension ReviewSummary {
    /// The summary as sentences.
    package var sentences: [String] {
        [
            Self.sentence("Outgoing TCP", outgoing), Self.sentence("Incoming TCP", incoming),
            dns.map { Self.sentence($0.only.isEmpty ? "DNS" : "DNS to", $0) }
                ?? "DNS is not redirected.",
        ] + virtualNetworks.map(Self.sentence) + rest + sshSentences
    }

    /// The sentences as one paragraph.
    package var text: String { sentences.joined(separator: " ") }

    /// The sentences, one or more a line: one for each kind of packets, then the rest.
    package var lines: [String] {
        let kinds = sentences.prefix(3 + virtualNetworks.count)
        let rest = sentences.dropFirst(kinds.count)
        return kinds + (rest.isEmpty ? [] : [rest.joined(separator: " ")])
    }

    /// The selections that bypass the proxy, each with the packets that it is an exception of.
    package var exclusions: [(traffic: String, exceptions: [Selection])] {
        [("outgoing TCP", outgoing), ("incoming TCP", incoming), ("DNS", dns)].compactMap {
            guard let redirection = $0.1, !redirection.exceptions.isEmpty else { return nil }
            return ($0.0, redirection.exceptions)
        }
    }

    private static func sentence(_ traffic: String, _ redirection: Redirection?) -> String {
        guard let redirection else { return "\(traffic) is not redirected." }
        let only = redirection.only.map { $0.limitText }.joined(separator: ", ")
        let exceptions = redirection.exceptions.map(\.text).joined(separator: ", ")
        return "\(traffic)\(only.isEmpty ? "" : " \(only)") → \(redirection.port)"
            + (exceptions.isEmpty ? "." : ", except \(exceptions).")
    }

    private static func sentence(_ network: VirtualNetwork) -> String {
        let parts = [("TCP", network.tcp), ("DNS", network.dns)].compactMap { name, port in
            port.map { "\(name) → \($0)" }
        }
        return "From \(network.interface): "
            + (parts.isEmpty ? "not redirected." : parts.joined(separator: ", ") + ".")
    }

    /// Sentences about exceptional settings.
    private var rest: [String] {
        var sentences: [String] = []
        if families.count == 1, let only = families.first {
            let other: AddressFamily = only == .ipv4 ? .ipv6 : .ipv4
            sentences.append("\(other.displayName) is not redirected.")
        }
        if dropsInvalid { sentences.append("Packets with an invalid state are dropped.") }
        return sentences
    }

    /// Whether SSH is redirected: one sentence, or one for each family if they differ.
    private var sshSentences: [String] {
        let outcomes = Set(ssh.map(\.redirectedTo))
        if let only = outcomes.first, outcomes.count == 1 { return [Self.ssh("SSH", only)] }
        return ssh.map { Self.ssh("SSH over \($0.family.displayName)", $0.redirectedTo) }
    }

    private static func ssh(_ name: String, _ port: Port?) -> String {
        port.map { "\(name) is REDIRECTED to \($0)." } ?? "\(name) is not redirected."
    }
}

extension ReviewSummary.Selection {
    /// The selection as a limit: `to ports 80 and 443`, `10.0.0.53 and fd00::53`.
    fileprivate var limitText: String {
        switch self {
        case .ports, .networks: "to \(text)"
        case .owners, .flows, .servers: text
        }
    }
}
