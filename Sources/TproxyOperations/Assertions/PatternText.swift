import Addressing
import RuleIR
package import RuleTrace

/// Prints packets in the grammar of assertions (docs/assert.md), which `AssertionReader` reads.
package struct PatternText {
    /// The maximum number of values of a property that are printed; the rest is counted.
    private let limit: Int

    package init(limit: Int = .max) {
        self.limit = limit
    }

    /// Returns the packets, such as `outgoing TCP to port 22, not of UID 5678`.
    package func text(_ packets: PacketRegion) -> String {
        let clauses = clauses(packets)
        let positive = clauses.filter { !$0.isNegated }.map { " " + $0.text }
        let negative = clauses.filter(\.isNegated).map { ", not " + $0.text }
        return subject(packets) + (positive + negative).joined()
    }

    /// Returns an outcome, such as `redirected to 15006`.
    package func text(_ expectation: Expectation) -> String {
        switch expectation {
        case .treatment(let treatment): text(treatment)
        case .redirected: "redirected"
        case .notDropped: "not dropped"
        }
    }

    /// Returns what happens to packets; later packets of a connection are never redirected.
    package func text(_ treatment: Treatment, of packets: PacketRegion) -> String {
        treatment == .notRedirected && !packets.states.contains(.new)
            ? text(.notDropped) : text(treatment)
    }

    package func text(_ treatment: Treatment) -> String {
        switch treatment {
        case .notRedirected: "not redirected"
        case .redirected(let port): "redirected to \(port)"
        case .translated(let address, let port):
            ([address.map { "\($0)" }, port.map { "port \($0)" }].compactMap(\.self))
                .reduce("sent to") { "\($0) \($1)" }
        case .dropped: "dropped"
        case .zone(0): "in no conntrack zone"
        case .zone(let zone): "in conntrack zone \(zone)"
        }
    }

    private func subject(_ packets: PacketRegion) -> String {
        var words: [String] = []
        if packets.states != [.new] {
            words.append(packets.states.map(\.rawValue).joined(separator: " or "))
        }
        if packets.directions.count == 1 {
            words.append(packets.directions[0].rawValue)
        }
        if packets.transports.count == 1 {
            words.append(packets.transports[0].rawValue.uppercased())
        } else {
            words.append(words.isEmpty ? "all packets" : "packets")
        }
        if packets.families.count == 1 { words.append("over \(packets.families[0].displayName)") }
        return words.joined(separator: " ")
    }

    private typealias Clause = (text: String, isNegated: Bool)

    private func clauses(_ packets: PacketRegion) -> [Clause] {
        let interface = packets.directions == [.outgoing] ? "via" : "on"
        return [
            clause("of UID", packets.owner) { owner in
                switch owner {
                case .users(let range): "\(range)"
                case .noSocket: "none"
                }
            },
            clause("from", packets.source) { "\($0)" },
            clause("from port", packets.sourcePort) { "\($0)" },
            clause("to", packets.destination) { "\($0)" },
            clause("to port", packets.destinationPort) { "\($0)" },
            clause(interface, packets.interface) { name in
                AssertionWord.isKeyword("\(name)") ? "\"\(name)\"" : "\(name)"
            },
        ].compactMap(\.self)
    }

    private func clause<Value>(
        _ before: String, _ values: PacketRegion.Values<Value>?, _ text: (Value) -> String
    ) -> Clause? {
        guard let values else { return nil }
        let except = values.except.isEmpty ? "" : " except \(list(values.except, text))"
        return ("\(before) \(list(values.listed, text))\(except)", values.isNegated)
    }

    private func list<Value>(_ values: [Value], _ text: (Value) -> String) -> String {
        let shown = values.prefix(limit).map(text).joined(separator: ", ")
        let rest = values.count - min(values.count, limit)
        return rest > 0 ? "\(shown) and \(rest) more" : shown
    }
}
