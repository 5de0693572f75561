import Addressing
import Diagnostics

/// An error in the text of a value, with its position; one function for each message.
struct ValueProblem: Error {
    var id: String
    var message: String
    var help: String
    var piece: Piece

    /// Returns the error, located at the origin of the value.
    func diagnostic(
        of path: String, at origin: Origin, _ severity: Diagnostic.Severity = .error
    ) -> Diagnostic {
        let narrowed = origin.narrowed(
            offset: piece.offset, length: max(1, piece.text.characterCount))
        return Diagnostic(
            severity, id: id, message, at: narrowed.location,
            notes: ["configuration key '\(path)'"],
            help: help)
    }
}

extension ValueProblem {
    static func port(_ piece: Piece) -> Self {
        guard Int(piece.text) != nil else {
            return Self(
                id: "invalid-port", message: "'\(piece.text)' is not a port",
                help: "give a number from 1 to 65535", piece: piece)
        }
        return Self(
            id: "port-out-of-range", message: "port \(piece.text) is outside 1...65535",
            help: "choose a port from 1 to 65535", piece: piece)
    }

    static func portRangeFormat(_ piece: Piece) -> Self {
        Self(
            id: "invalid-port-range", message: "'\(piece.text)' is not a port or a range of ports",
            help: "write 80 or 80-90", piece: piece)
    }

    static func portRangeNotAllowed(_ piece: Piece) -> Self {
        Self(
            id: "port-range-not-allowed", message: "'\(piece.text)' is a range of ports",
            help: "list the ports one by one; ranges work in excludePortsForUIDs", piece: piece)
    }

    static func reversedRange(_ piece: Piece) -> Self {
        Self(
            id: "reversed-range", message: "range '\(piece.text)' ends before it begins",
            help: "write the smaller number first", piece: piece)
    }

    static func unsupportedProtocol(_ piece: Piece) -> Self {
        Self(
            id: "unsupported-protocol", message: "protocol '\(piece.text)' isn't supported",
            help: "write tcp, udp, tcp,udp or *", piece: piece)
    }

    static func user(_ piece: Piece) -> Self {
        guard !piece.text.isEmpty, piece.text.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return Self(
                id: "invalid-uid", message: "'\(piece.text)' is not a numeric UID",
                help: "give a number from 0 to 4294967294; names aren't allowed here",
                piece: piece)
        }
        return Self(
            id: "uid-out-of-range", message: "UID \(piece.text) is outside 0...4294967294",
            help: "choose a UID from 0 to 4294967294", piece: piece)
    }

    static func userRangeFormat(_ piece: Piece) -> Self {
        Self(
            id: "invalid-uid-range", message: "'\(piece.text)' is not a UID or a range of UIDs",
            help: "write 1000 or 1000-1999", piece: piece)
    }

    static func userWildcard(_ piece: Piece) -> Self {
        Self(
            id: "uid-wildcard", message: "'*' is not allowed for UIDs",
            help: "to exclude ports for all UIDs, use excludePorts", piece: piece)
    }

    static func ownerExclusionFormat(_ piece: Piece) -> Self {
        Self(
            id: "invalid-owner-exclusion",
            message: "'\(piece.text)' has more than three fields",
            help: "write [protocol:][ports:]uids, items separated by ;", piece: piece)
    }

    static func emptyItem(_ piece: Piece) -> Self {
        Self(
            id: "empty-item", message: "an item is empty",
            help: "remove it: an empty entry is not a wildcard", piece: piece)
    }

    static func address(_ piece: Piece) -> Self {
        guard piece.text.contains("/") else {
            return Self(
                id: "invalid-ip", message: "'\(piece.text)' is not an IP address",
                help: "write <ip> or <ip>/<cidr>, such as 10.0.0.1 or fd00::/64", piece: piece)
        }
        return Self(
            id: "invalid-cidr", message: "'\(piece.text)' is not a CIDR block",
            help: "write <ip>/<length>, with a length of 0...32 for IPv4 and 0...128 for IPv6",
            piece: piece)
    }

    static func interface(_ piece: Piece) -> Self {
        Self(
            id: "invalid-interface", message: "'\(piece.text)' is not an interface name",
            help: "use 1 to 15 letters, digits and _ . - @; a final + matches any ending",
            piece: piece)
    }

    static func virtualNetworkFormat(_ piece: Piece) -> Self {
        Self(
            id: "invalid-virtual-network",
            message: "'\(piece.text)' is not a virtual network",
            help: "write <interface>:<cidr>, such as docker0:172.17.0.0/16", piece: piece)
    }

    static func oneOf(_ piece: Piece, _ allowed: [String], of what: String) -> Self {
        let near = nearestName(to: piece.text, among: allowed).map { "did you mean '\($0)'? " }
        return Self(
            id: "invalid-\(what.split(separator: " ").joined(separator: "-"))",
            message:
                "'\(piece.text)' is not \(what.first.map { "aeiou".contains($0) } == true ? "an" : "a") \(what)",
            help: "\(near ?? "")must be one of \(allowed.joined(separator: ", "))", piece: piece)
    }

    static func integer(_ piece: Piece, in range: ClosedRange<Int>, unit: String) -> Self {
        let units = unit.isEmpty ? "" : " \(unit)"
        guard Int(piece.text) != nil else {
            return Self(
                id: "invalid-number", message: "'\(piece.text)' is not a whole number",
                help: "give a number from \(range.lowerBound) to \(range.upperBound)\(units)",
                piece: piece)
        }
        return Self(
            id: "number-out-of-range",
            message: "\(piece.text) is outside \(range.lowerBound)...\(range.upperBound)",
            help: "give a number from \(range.lowerBound) to \(range.upperBound)\(units)",
            piece: piece)
    }

    static func duration(_ piece: Piece) -> Self {
        Self(
            id: "invalid-duration", message: "'\(piece.text)' is not a duration of 0 to 24 hours",
            help: "write 2s, 500ms or 1m30s; a bare number is nanoseconds", piece: piece)
    }

    static func durationWithoutUnit(_ piece: Piece) -> Self {
        Self(
            id: "duration-without-unit", message: "'\(piece.text)' is a number of nanoseconds",
            help: "write the unit: \(piece.text)s, \(piece.text)ms or \(piece.text)ns", piece: piece
        )
    }

    static func userName(_ piece: Piece) -> Self {
        Self(
            id: "invalid-user", message: "'\(piece.text)' is not a user name or UID",
            help: "give an account name, or a number from 0 to 4294967294", piece: piece)
    }

    static func chainName(_ piece: Piece) -> Self {
        Self(
            id: "invalid-chain-name", message: "'\(piece.text)' is not a chain name",
            help: "use 1 to 18 letters, digits and underscores; tproxy adds the prefix KUMA_MESH_",
            piece: piece)
    }

    static func path(_ piece: Piece) -> Self {
        Self(
            id: "invalid-path", message: "'\(piece.text)' is not a path",
            help: "give a path without control characters and without a byte order mark",
            piece: piece)
    }
}

/// Part of the text of a value, with its position.
struct Piece {
    var text: String
    /// The offset from the beginning of the value, in characters.
    var offset: Int

    init(_ text: String, offset: Int = 0) {
        self.text = text
        self.offset = offset
    }

    /// Whether the text has no separator of any kind of list and no space at either end.
    var isOneItem: Bool {
        let bytes = text.utf8.span
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: ","), UInt8(ascii: ";"): return false
            case UInt8(ascii: " ") where index == 0 || index == bytes.count - 1: return false
            case _: continue
            }
        }
        return true
    }

    /// Returns the parts between separators, without surrounding spaces; empty parts are kept.
    func split(on separator: Character) -> [Piece] {
        var pieces: [Piece] = []
        var start = offset
        for part in text.split(separator: separator, omittingEmptySubsequences: false) {
            pieces.append(Piece(String(part), offset: start).trimmed)
            start += part.count + 1
        }
        return pieces
    }

    /// The piece without the spaces at both ends.
    var trimmed: Piece {
        guard text.first == " " || text.last == " " else { return self }
        let leading = text.prefix { $0 == " " }.count
        var trimmed = text.dropFirst(leading)
        while trimmed.last == " " { trimmed.removeLast() }
        return Piece(String(trimmed), offset: offset + leading)
    }
}
