import Addressing
import RuleIR

/// The conditions of one iptables rule, while they are put together.
package struct RuleMatches: Hashable, Sendable {
    // In the order of iptables-save(8).
    var source: [String] = []
    var destination: [String] = []
    var input: [String] = []
    var output: [String] = []
    var transport: TransportProtocol?
    var ports: [String] = []
    var state: [String] = []
    var owner: [String] = []
    /// All of them as Kuma writes them: in the order of the rule, and with the module of a
    /// protocol left to `-p`.
    var spelling: [String] = []

    /// Both together; nil where they contradict each other.
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
        // `-p` can stand in a rule once.
        guard transport == nil else { return other.spelling.without("-p") }
        // Kuma names the module as well where an interface is asked for.
        guard !input.isEmpty, named == .udp else { return other.spelling }
        return ["-m", named.rawValue] + other.spelling
    }

    /// `-s`, `-d`, `-i`, `-o`, `-p`.
    var header: [String] {
        let named: [String] = transport.map { ["-p", $0.rawValue] } ?? []
        return source + destination + input + output + named
    }

    /// The match extensions.
    var extensions: [String] { ports + state + owner }

    /// The same without `-i`, which the jump to a chain of its own has asked for.
    var withoutInterface: RuleMatches {
        var matches = self
        matches.input = []
        matches.spelling = spelling.without("-i")
        return matches
    }
}

extension [String] {
    /// Without an option and its value.
    fileprivate func without(_ option: String) -> [String] {
        guard let index = firstIndex(of: option) else { return self }
        return Array(prefix(index)) + Array(dropFirst(index + 2))
    }
}
