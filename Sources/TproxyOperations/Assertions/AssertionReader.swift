import Addressing
import Diagnostics
import RuleIR
import RuleTrace

/// Reads a line of an assertion file: `incoming tcp to port 22: not redirected`.
struct AssertionReader {
    struct Problem: Error {
        var diagnostic: Diagnostic
    }

    private let file: String
    private let number: Int
    private let line: Substring
    private var words: ArraySlice<AssertionWord>
    private var packets = PacketRegion()
    private var given: Set<String> = []

    init(_ line: Substring, number: Int, of file: String) {
        self.file = file
        self.number = number
        self.line = line
        words = AssertionWord.words(of: line)[...]
    }

    /// Returns the assertion; nil for a line without one.
    mutating func assertion() throws(Problem) -> Assertion? {
        guard let first = words.first, let last = words.last else { return nil }
        let start = place(first.column, last.column + last.length - first.column)
        guard let colon = words.lastIndex(where: { $0.withoutColon() != nil }),
            let end = words[colon].withoutColon()
        else {
            throw wrong(
                last, "the outcome is missing",
                help: "write PACKETS: OUTCOME, such as 'incoming tcp to port 22: not redirected'")
        }
        let outcome = words[(colon + 1)...]
        words = words[..<colon] + (end.text.isEmpty ? [] : [end])
        if words.isEmpty {
            throw wrong(
                end, "the packets are missing", help: "write 'all packets' for every packet")
        }
        try readPackets()
        guard let firstOfOutcome = outcome.first else {
            throw wrong(end, "the outcome is missing", help: OutcomeReader.expected)
        }
        guard let expectation = OutcomeReader(outcome).expectation else {
            let text = outcome.map(\.text).joined(separator: " ")
            throw wrong(
                firstOfOutcome, "'\(text)' is not an outcome", through: outcome.last,
                help: OutcomeReader.expected)
        }
        return Assertion(packets: packets, expectation: expectation, location: start)
    }

    // MARK: Packets

    private mutating func readPackets() throws(Problem) {
        var states: Set<ConnectionState> = []
        var directions: Set<Packet.Direction> = []
        var transports: Set<TransportProtocol> = []
        while let word = words.first {
            if let state = ConnectionState(rawValue: word.keyword) {
                states.insert(state)
            } else if let direction = Packet.Direction(rawValue: word.keyword) {
                directions.insert(direction)
            } else if let transport = TransportProtocol(rawValue: word.keyword) {
                transports.insert(transport)
            } else if !["all", "packets", "or", "and"].contains(word.keyword) {
                break
            }
            words = words.dropFirst()
        }
        if !states.isEmpty { packets.states = ConnectionState.allCases.filter(states.contains) }
        if !directions.isEmpty {
            packets.directions = Packet.Direction.allCases.filter(directions.contains)
        }
        if !transports.isEmpty {
            packets.transports = TransportProtocol.allCases.filter(transports.contains)
        }
        while !words.isEmpty { try readClause() }
    }

    private mutating func readClause() throws(Problem) {
        guard var word = words.popFirst() else { return }
        let isNegated = word.keyword == "not"
        if isNegated {
            guard let next = words.popFirst() else {
                throw wrong(word, "'not' has nothing after it", help: Self.clauses)
            }
            word = next
        }
        switch word.keyword {
        case "over" where isNegated:
            throw wrong(word, "a family can't be negated", help: "name the other family")
        case "over": try readFamilies(word)
        case "to" where isPortNext: try readPorts(word, isNegated, \.destinationPort)
        case "from" where isPortNext: try readPorts(word, isNegated, \.sourcePort)
        case "to": try readAddresses(word, isNegated, \.destination)
        case "from": try readAddresses(word, isNegated, \.source)
        case "of": try readOwners(word, isNegated)
        case "on", "via": try readInterfaces(word, isNegated)
        case _:
            let near = nearestName(to: word.keyword, among: Self.words)
            throw wrong(
                word, "'\(word.text)' is not part of a pattern",
                help: near.map { "did you mean '\($0)'?" } ?? Self.clauses)
        }
    }

    private static let clauses =
        "use 'to', 'to port', 'from', 'from port', 'of uid', 'on', 'via' or 'over', and a comma"
        + " between values"
    private static let words = [
        "incoming", "outgoing", "tcp", "udp", "packets", "new", "established", "invalid", "not",
        "to", "from", "of", "on", "via", "over", "port", "uid",
    ]

    private var isPortNext: Bool { ["port", "ports"].contains(words.first?.keyword) }

    private mutating func readFamilies(_ word: AssertionWord) throws(Problem) {
        let families = try list(after: word, "ipv4 or ipv6") { text in
            AddressFamily(rawValue: text.lowercased())
        }
        try note(word, "over")
        narrow(to: families)
        try checkFamilies(word)
    }

    private mutating func readPorts(
        _ word: AssertionWord, _ isNegated: Bool,
        _ path: WritableKeyPath<PacketRegion, PacketRegion.Values<PortRange>?>
    ) throws(Problem) {
        words = words.dropFirst()
        let ports = try list(after: word, "a port of 1...65535, or a range such as 8000-8010") {
            Self.range($0) { Port($0) }.flatMap { PortRange($0, $1) }
        }
        try note(word, "\(word.keyword) port")
        packets[keyPath: path] = PacketRegion.Values(isNegated: isNegated, listed: ports)
    }

    private mutating func readAddresses(
        _ word: AssertionWord, _ isNegated: Bool,
        _ path: WritableKeyPath<PacketRegion, PacketRegion.Values<AddressRange>?>
    ) throws(Problem) {
        let addresses = try list(
            after: word, "an IP address, a prefix, or a range such as 10.0.0.1-10.0.0.9"
        ) { text in
            IPPrefix(text)?.range
                ?? Self.range(text) { IPAddress($0) }.flatMap { AddressRange($0, $1) }
        }
        try note(word, word.keyword)
        packets[keyPath: path] = PacketRegion.Values(isNegated: isNegated, listed: addresses)
        guard !isNegated else { return }
        narrow(to: addresses.map(\.family))
        try checkFamilies(word)
    }

    private mutating func readOwners(_ word: AssertionWord, _ isNegated: Bool) throws(Problem) {
        guard let uid = words.popFirst(), ["uid", "uids"].contains(uid.keyword) else {
            throw wrong(word, "'of' needs 'uid' after it", help: "write 'of uid 5678'")
        }
        let owners = try list(after: uid, "a UID, a range such as 1000-1999, or 'none'") {
            text -> PacketRegion.Owner? in
            if text.lowercased() == "none" { return .noSocket }
            return Self.range(text) { UserID($0) }.flatMap { UserIDRange($0, $1) }
                .map { .users($0) }
        }
        try note(word, "of uid")
        packets.owner = PacketRegion.Values(isNegated: isNegated, listed: owners)
        guard !isNegated, !owners.contains(.noSocket) else { return }
        packets.directions = packets.directions.filter { $0 == .outgoing }
        if packets.directions.isEmpty {
            throw wrong(
                word, "an incoming packet has no owner on this host",
                help: "write 'outgoing', or leave out the UID")
        }
    }

    private mutating func readInterfaces(
        _ word: AssertionWord, _ isNegated: Bool
    ) throws(Problem) {
        let expected = "the name of an interface, or the beginning of names such as docker+"
        let listed = try list(after: word, expected) { InterfacePattern($0) }
        var except: [InterfacePattern] = []
        if let next = words.first, next.keyword == "except" {
            words = words.dropFirst()
            except = try list(after: next, expected) { InterfacePattern($0) }
        }
        try note(word, "on")
        packets.interface = PacketRegion.Values(
            isNegated: isNegated, listed: listed, except: except)
    }

    private mutating func narrow(to families: [AddressFamily]) {
        packets.families = packets.families.filter(families.contains)
    }

    private func checkFamilies(_ word: AssertionWord) throws(Problem) {
        guard packets.families.isEmpty else { return }
        throw wrong(
            word, "no packet is of both IPv4 and IPv6", help: "name addresses of one family")
    }

    /// Notes that a property is given; throws if it was given before.
    private mutating func note(_ word: AssertionWord, _ name: String) throws(Problem) {
        guard given.insert(name).inserted else {
            throw wrong(
                word, "'\(name)' is given twice", help: "write its values as one list, with commas")
        }
    }

    /// Reads values that commas, `or` or `and` separate.
    private mutating func list<Value>(
        after word: AssertionWord, _ expected: String, _ read: (String) -> Value?
    ) throws(Problem) -> [Value] {
        var values: [Value] = []
        var last = word
        repeat {
            guard let next = words.first, !next.isKeyword else {
                throw wrong(
                    last, "a value is missing after '\(last.text)'", help: "give \(expected)")
            }
            words = words.dropFirst()
            guard let value = read(next.text) else {
                let near = nearestName(to: next.keyword, among: ["port", "uid"])
                throw wrong(
                    next, "'\(next.text)' is not a value here",
                    help: near.map { "did you mean '\($0)'?" } ?? "give \(expected)")
            }
            values.append(value)
            last = next
        } while isListContinued(after: last)
        return values
    }

    private mutating func isListContinued(after word: AssertionWord) -> Bool {
        if let next = words.first, ["or", "and"].contains(next.keyword) {
            words = words.dropFirst()
            return true
        }
        return word.isBeforeComma && !word.isBeforeColon && words.first?.isKeyword == false
    }

    /// Reads `FIRST-LAST` or one value, which is both.
    private static func range<Value>(
        _ text: String, _ read: (String) -> Value?
    ) -> (Value, Value)? {
        guard let dash = text.firstIndex(of: "-") else { return read(text).map { ($0, $0) } }
        guard let first = read(String(text[..<dash])),
            let last = read(String(text[text.index(after: dash)...]))
        else { return nil }
        return (first, last)
    }

    // MARK: Places

    private func wrong(
        _ word: AssertionWord, _ message: String, through last: AssertionWord? = nil, help: String
    ) -> Problem {
        let end = last.map { $0.column + $0.length } ?? word.column + word.length
        return Problem(
            diagnostic: .error(
                id: "invalid-assertion", message, at: place(word.column, end - word.column),
                help: help))
    }

    private func place(_ column: Int, _ length: Int) -> SourceLocation {
        SourceLocation(
            source: file, line: number, column: column,
            excerpt: .init(line: String(line), column: column, length: length))
    }
}
