import Addressing
import RuleIR

/// The matches of one iptables rule, while they are combined.
package struct RuleMatches: Hashable, Sendable {
    // In the order in which iptables-save(8) prints them.
    var source: [String] = []
    var destination: [String] = []
    var input: [String] = []
    var output: [String] = []
    var transport: TransportProtocol?
    var ports: [String] = []
    var state: [String] = []
    var owner: [String] = []
    /// All matches as Kuma writes them: in the order of the rule, and without the module of a
    /// protocol after `-p`.
    var spelling: [String] = []

    /// Returns the conjunction with `other`; nil if the two contradict each other.
    func adding(_ other: RuleMatches) -> RuleMatches? {
        if let transport, let wanted = other.transport, transport != wanted { return nil }
        var sum = self
        sum.source += other.source
        sum.destination += other.destination
        sum.input += other.input
        sum.output += other.output
        sum.transport = other.transport ?? transport
        sum.ports += other.ports
        sum.state += other.state
        sum.owner += other.owner
        sum.spelling += words(of: other)
        return sum
    }

    private func words(of other: RuleMatches) -> [String] {
        guard let named = other.transport else { return other.spelling }
        // `-p` may appear only once in a rule.
        guard transport == nil else { return other.spelling.without("-p") }
        // With a match on the interface, Kuma also names the module.
        guard !input.isEmpty, named == .udp else { return other.spelling }
        return ["-m", named.rawValue] + other.spelling
    }

    /// The options `-s`, `-d`, `-i`, `-o` and `-p`.
    var header: [String] {
        let named: [String] = transport.map { ["-p", $0.rawValue] } ?? []
        return source + destination + input + output + named
    }

    /// The match extensions, such as `-m owner --uid-owner 5678`.
    var extensions: [String] { ports + state + owner }

    /// The matches without `-i`, which the jump to a regular chain has already matched.
    var withoutInterface: RuleMatches {
        var matches = self
        matches.input = []
        matches.spelling = spelling.without("-i")
        return matches
    }
}

extension [String] {
    /// Returns the words without `option` and its value.
    fileprivate func without(_ option: String) -> [String] {
        guard let index = firstIndex(of: option) else { return self }
        return Array(prefix(index)) + Array(dropFirst(index + 2))
    }
}
