import Addressing
import Diagnostics
import RuleTrace
import TproxyConfig
import TproxyConfigYAML
import TproxyOperations

/// A line of a `--packets` file: `out tcp uid=1000 to=203.0.113.1:443`, or the same as JSON.
struct PacketLine {
    /// The fields of a packet as JSON, in input lines and in answers.
    struct Fields: Encodable {
        var direction: String
        var proto: String
        /// A number, or `none` for a packet without a socket; nil for incoming packets.
        var uid: String?
        var from: String
        var to: String
        var interface: String

        init(_ packet: Packet) {
            direction = packet.direction == .outgoing ? "out" : "in"
            proto = packet.transport.rawValue
            uid =
                packet.direction == .outgoing ? packet.owner.map { "\($0)" } ?? "none" : nil
            from = Endpoint(packet.source, packet.sourcePort).description
            to = Endpoint(packet.destination, packet.destinationPort).description
            interface = packet.interface.text
        }

        /// The line, without the interface and without an unspecified source.
        var shortText: String {
            var words = [direction, proto]
            if let uid { words.append("uid=\(uid)") }
            if from != "0.0.0.0", from != "::" { words.append("from=\(from)") }
            words.append("to=\(to)")
            return words.joined(separator: " ")
        }

        /// The line that gives this packet on every host.
        var text: String {
            "\(shortText) \(direction == "out" ? "via" : "on")=\(interface)"
        }
    }

    /// The line number, counted from 1.
    var number: Int
    var packet: Packet
    /// Notes on fields that the packet has differently from the line.
    var notes: [Diagnostic]

    /// Reads all packets of a file, in order; throws all problems of the file together.
    ///
    /// Empty lines and text after `#` are ignored.
    static func read(
        _ file: InputFile, on addresses: LocalAddresses
    ) throws(OperationFailure) -> [PacketLine] {
        var packets: [PacketLine] = []
        var problems: [Diagnostic] = []
        let lines = file.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let source = PacketLineSource(file: file.name, number: index + 1, line: String(line))
            guard var text = source.packet(&problems) else { continue }
            if let packet = text.packet(on: addresses) {
                packets.append(
                    PacketLine(number: index + 1, packet: packet, notes: text.notes))
            }
            problems += text.problems
        }
        guard problems.isEmpty else { throw OperationFailure(problems) }
        guard !packets.isEmpty else { throw OperationFailure(.noPackets(file.name)) }
        return packets
    }
}

/// A line that is being read.
struct PacketLineSource {
    /// Names of fields in a line, with the accepted names of the interface.
    private static let names: [String: PacketText.Field] = [
        "uid": .uid, "from": .from, "to": .to, "via": .interface, "on": .interface,
        "interface": .interface, "port": .port,
    ]

    let file: String
    let number: Int
    let line: String

    /// Returns the fields; nil for a line without a packet, or with problems, which it adds.
    func packet(_ problems: inout [Diagnostic]) -> PacketText? {
        let isJSON = line.drop { $0 == " " || $0 == "\t" }.hasPrefix("{")
        let before = problems.count
        let found = isJSON ? json(&problems) : words(&problems)
        guard problems.count == before, !found.isEmpty else { return nil }
        let places = found.mapValues(\.place)
        let whole = place(0, line.count)
        return PacketText(found.mapValues(\.text)) { field, expected in
            .invalidPacket(
                field.rawValue, found[field]?.text, expected: expected,
                at: places[field] ?? whole)
        }
    }

    private typealias Found = [PacketText.Field: (text: String, place: SourceLocation)]

    private func words(_ problems: inout [Diagnostic]) -> Found {
        var found: Found = [:]
        var position = 0
        let text = line.prefix { $0 != "#" }
        let words = text.split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == " " || $0 == "\t" })
        for word in words {
            defer { position += word.count + 1 }
            guard !word.isEmpty else { continue }
            let here = place(position, word.count)
            let field: PacketText.Field
            let value: Substring
            if let equals = word.firstIndex(of: "=") {
                guard let named = Self.names[String(word[..<equals])] else {
                    problems.append(
                        .unknownPacketField(
                            String(word[..<equals]), known: Self.names.keys.sorted(), at: here))
                    continue
                }
                field = named
                value = word[word.index(after: equals)...]
            } else {
                // The first two words are the direction and the protocol.
                field = found[.direction] == nil ? .direction : .proto
                value = word
            }
            guard found[field] == nil else {
                problems.append(.repeatedPacketField(String(word), at: here))
                continue
            }
            let skipped = word.count - value.count
            found[field] = (String(value), place(position + skipped, max(1, value.count)))
        }
        return found
    }

    private func json(_ problems: inout [Diagnostic]) -> Found {
        switch YAMLDocument.parse(text: line, source: file) {
        case .failure(let problem):
            problems += problem.diagnostics.map { diagnostic in
                var moved = diagnostic
                moved.location = diagnostic.location?.moved(toLine: number)
                return moved
            }
            return [:]
        case .success(let document):
            var found: Found = [:]
            for entry in document.entries {
                let here =
                    entry.keyOrigin.location?.moved(toLine: number) ?? place(0, line.count)
                guard let field = PacketText.Field(rawValue: entry.key) else {
                    problems.append(
                        .unknownPacketField(
                            entry.key, known: PacketText.Field.allCases.map(\.rawValue), at: here))
                    continue
                }
                guard case .scalar(let text) = entry.value.content else {
                    problems.append(
                        .invalidPacket(field.rawValue, nil, expected: "a single value", at: here))
                    continue
                }
                let place = entry.value.origin.location?.moved(toLine: number) ?? here
                found[field] = (text, place)
            }
            return found
        }
    }

    private func place(_ position: Int, _ length: Int) -> SourceLocation {
        SourceLocation(
            source: file, line: number, column: position + 1,
            excerpt: .init(line: line, column: position + 1, length: length))
    }
}
