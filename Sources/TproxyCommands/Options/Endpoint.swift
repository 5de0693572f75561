import Addressing

/// An address with or without a port, as a user writes it.
struct Endpoint {
    var address: IPAddress
    var port: Port?

    /// Takes `10.0.0.1`, `10.0.0.1:80`, `fd00::1` and `[fd00::1]:80`.
    ///
    /// Names aren't looked up.
    init(_ text: String, flag: String) throws(CommandFailure) {
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
        guard let address = IPAddress(String(host)) else {
            throw Self.failure(flag, text)
        }
        self.address = address
        if let portText {
            guard let port = Port(portText) else { throw Self.failure(flag, text) }
            self.port = port
        }
    }

    private static func failure(_ flag: String, _ text: String) -> CommandFailure {
        CommandFailure(
            .invalidArgument(
                flag, text,
                expected: "an IP address and a port of 1...65535, ADDRESS:PORT or [ADDRESS]:PORT"))
    }
}
