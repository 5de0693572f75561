import Addressing

extension ValueFormat where Value == Bool {
    /// A switch: the values of Go's ParseBool and YAML's synonyms.
    static var bool: Self {
        Self(
            words: "`true` or `false`", schema: .boolean,
            parse: { piece in
                switch piece.text.lowercased() {
                case "1", "t", "true", "y", "yes", "on": .success(true)
                case "0", "f", "false", "n", "no", "off": .success(false)
                case _: .failure(.oneOf(piece, ["true", "false"], of: "truth value"))
                }
            }, text: { "\($0)" })
    }
}

extension ValueFormat where Value == Int {
    static func integer(_ range: ClosedRange<Int>, unit: String = "") -> Self {
        Self(
            words: "\(range.lowerBound)–\(range.upperBound)\(unit.isEmpty ? "" : " \(unit)")",
            schema: .either([.integer(range), .text(pattern: "^[0-9]+$")]),
            parse: { piece in
                guard let number = Int(piece.text), range.contains(number),
                    piece.text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
                else { return .failure(.integer(piece, in: range, unit: unit)) }
                return .success(number)
            }, text: { "\($0)" })
    }
}

extension ValueFormat where Value == Port {
    static var port: Self {
        Self(
            words: "port, 1–65535",
            schema: .either([.integer(1...65535), .text(pattern: "^[0-9]+$")]),
            parse: { piece in
                if let port = Port(piece.text) { return .success(port) }
                let ends = piece.split(on: "-")
                if ends.count == 2, ends.allSatisfy({ Port($0.text) != nil }) {
                    return .failure(.portRangeNotAllowed(piece))
                }
                return .failure(.port(piece))
            }, text: { "\($0)" })
    }
}

extension ValueFormat where Value == Duration {
    static var duration: Self {
        Self(
            words: "Go duration such as `2s` or `1m30s`; a bare integer is nanoseconds",
            schema: .either([.integer(0...86_400_000_000_000), .text(pattern: nil)]),
            // 0 needs no unit.
            doubt: { piece in
                Int64(piece.text).flatMap { $0 == 0 ? nil : .durationWithoutUnit(piece) }
            },
            parse: { piece in
                GoDuration.parse(piece.text).map { .success($0) } ?? .failure(.duration(piece))
            }, text: { GoDuration.text($0) })
    }
}

extension ValueFormat where Value == String {
    /// A path or similar text, without control characters.
    static func path(allowsEmpty: Bool = false) -> Self {
        Self(
            words: "path", schema: .text(pattern: nil), allowsEmpty: allowsEmpty,
            parse: { piece in
                // Readers drop a byte order mark, so that the path would name another file.
                let isPrintable = piece.text.unicodeScalars.allSatisfy {
                    $0.properties.generalCategory != .control && $0 != "\u{FEFF}"
                }
                guard isPrintable, allowsEmpty || !piece.text.isEmpty else {
                    return .failure(.path(piece))
                }
                return .success(piece.text)
            }, text: { $0 })
    }
}

extension ValueFormat where Value == IPFamilyMode {
    static var familyMode: Self {
        let names = IPFamilyMode.allCases.map(\.rawValue)
        return Self(
            words: "`dualstack` or `ipv4`; empty is `dualstack`",
            schema: .choice(names + [""]), allowsEmpty: true,
            parse: { piece in
                guard !piece.text.isEmpty else { return .success(.dualstack) }
                return IPFamilyMode(rawValue: piece.text.lowercased()).map { .success($0) }
                    ?? .failure(.oneOf(piece, names, of: "ip family mode"))
            }, text: { $0.rawValue })
    }
}

extension ValueFormat where Value == ProxyUser? {
    static var user: Self {
        Self(
            words: "account name or UID, 0–4294967294; empty tries 5678, then `kuma-dp`",
            schema: .either([.integer(0...4_294_967_294), .text(pattern: nil)]), allowsEmpty: true,
            parse: { piece in
                guard !piece.text.isEmpty else { return .success(nil) }
                return ProxyUser(piece.text).map { .success($0) } ?? .failure(.userName(piece))
            }, text: { $0.map { "\($0)" } ?? "" })
    }
}

extension ValueFormat where Value == IPAddress? {
    static var address: Self {
        Self(
            words: "IP address, or empty", schema: .text(pattern: nil), allowsEmpty: true,
            parse: { piece in
                guard !piece.text.isEmpty else { return .success(nil) }
                return IPAddress(piece.text).map { .success($0) } ?? .failure(.address(piece))
            }, text: { $0.map { "\($0)" } ?? "" })
    }
}

extension ValueFormat where Value == InterfaceName? {
    static var interface: Self {
        Self(
            words: "interface name, or empty", schema: .text(pattern: nil), allowsEmpty: true,
            parse: { piece in
                guard !piece.text.isEmpty else { return .success(nil) }
                return InterfaceName(piece.text).map { .success($0) } ?? .failure(.interface(piece))
            }, text: { $0.map { "\($0)" } ?? "" })
    }
}

extension ValueFormat where Value == ChainSuffix {
    static var chainName: Self {
        Self(
            words: "1–18 letters, digits and `_`; tproxy adds the prefix `KUMA_MESH_`",
            schema: .text(pattern: "^[A-Za-z0-9_]{1,18}$"),
            parse: { piece in
                ChainSuffix(piece.text).map { .success($0) } ?? .failure(.chainName(piece))
            }, text: { $0.text })
    }
}

/// Durations as Go writes them: `2s`, `1m30s`, `1.5h`, `500ms`; a bare integer is nanoseconds.
package enum GoDuration {
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9),
        ("h", 3600e9),
    ]

    /// Parses a duration of 0 to 24 hours; returns nil for any other text.
    package static func parse(_ text: String) -> Duration? {
        if let nanoseconds = Int64(text) {
            return limited(Double(nanoseconds))
        }
        var rest = text[...]
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits), !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            guard let unit = units.first(where: { $0.name == name }) else { return nil }
            total += number * unit.nanoseconds
            rest = rest.dropFirst(name.count)
        }
        return limited(total)
    }

    private static func limited(_ nanoseconds: Double) -> Duration? {
        guard nanoseconds >= 0, nanoseconds <= 24 * 3600e9 else { return nil }
        return .nanoseconds(Int64(nanoseconds))
    }

    /// Returns the shortest text that parses to `duration`: whole seconds, milliseconds or
    /// nanoseconds.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = attoseconds / 1_000_000_000
        if nanoseconds == 0 { return "\(seconds)s" }
        if nanoseconds % 1_000_000 == 0 {
            return "\(seconds * 1000 + nanoseconds / 1_000_000)ms"
        }
        return "\(seconds * 1_000_000_000 + nanoseconds)ns"
    }
}
