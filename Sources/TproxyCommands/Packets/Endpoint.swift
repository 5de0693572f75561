import Addressing

/// An address with or without a port, as a user writes it.
struct Endpoint: CustomStringConvertible {
    static let expected = "an IP address and a port of 1...65535, ADDRESS:PORT or [ADDRESS]:PORT"

    var address: IPAddress
    var port: Port?

    init(_ address: IPAddress, _ port: Port?) {
        self.address = address
        self.port = port
    }

    /// Reads `10.0.0.1`, `10.0.0.1:80`, `fd00::1` and `[fd00::1]:80`; nil for other text.
    ///
    /// Names aren't resolved.
    init?(_ text: String) {
        let host: Substring
        let portText: Substring?
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            portText = rest.isEmpty ? nil : rest.hasPrefix(":") ? rest.dropFirst() : "?"
        } else if text.filter({ $0 == ":" }).count == 1, let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        } else {
            host = text[...]
            portText = nil
        }
        guard let address = IPAddress(String(host)) else { return nil }
        self.address = address
        if let portText {
            guard let port = Port(portText) else { return nil }
            self.port = port
        }
    }

    /// The text that `init` reads: `10.0.0.1:80`, `[fd00::1]:80`, or the address alone.
    var description: String {
        guard let port else { return "\(address)" }
        return address.family == .ipv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
