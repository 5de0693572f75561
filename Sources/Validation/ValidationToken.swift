import Addressing

/// The random text that only the listeners of one validation send.
struct ValidationToken {
    /// 32 hexadecimal digits.
    let text: String

    init() {
        var random = SystemRandomNumberGenerator()
        let words = [random.next(), random.next()]
        text = words.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// The bytes with which the listener of a port greets a connection.
    func greeting(_ port: Port) -> [UInt8] { Array("tproxy-validate \(text) \(port)\n".utf8) }

    /// A DNS query of type A for a name that doesn't exist (RFC 1035, RFC 6761 section 6.4).
    var query: [UInt8] {
        let header: [UInt8] = [0x74, 0x70, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]
        let labels = [text, "tproxy", "invalid"].flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        return header + labels + [0, 0, 1, 0, 1]
    }

    /// The answer of the listener of a port to a datagram: the query, as an answer, and the greeting.
    ///
    /// Other queries are answered with SERVFAIL, so that their sender asks again later.
    func answer(to datagram: ArraySlice<UInt8>, _ port: Port) -> [UInt8] {
        var answer = Array(datagram)
        if answer.count >= 4 {
            answer[2] |= 0x80
            answer[3] = answer[3] & 0xF0 | 2
        }
        return isQuery(datagram) ? answer + greeting(port) : answer
    }

    /// Returns whether the bytes are the query.
    func isQuery(_ bytes: some Sequence<UInt8>) -> Bool { bytes.elementsEqual(query) }

    /// The query as an answer.
    private var expectedHead: [UInt8] {
        var head = query
        head[2] |= 0x80
        head[3] = 2
        return head
    }

    /// Returns whether the bytes are the answer of the listener of `port`.
    func isAnswer(_ bytes: some Sequence<UInt8>, of port: Port) -> Bool {
        let bytes = Array(bytes)
        return bytes == greeting(port) || bytes == expectedHead + greeting(port)
    }

    /// Returns whether the bytes are an answer to the query, by whichever server.
    func isAnyAnswer(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.count >= 12 && bytes.prefix(2).elementsEqual(query.prefix(2))
            && bytes.dropFirst(2).first.map { $0 & 0x80 != 0 } == true
    }
}
