import Addressing
import Diagnostics
import Glibc
import Sockets
import TproxyOperations

/// Answers /healthz, /readyz and /metrics over HTTP.
///
/// It needs one method, no body, and one request per connection, which is less than a library would
/// have to be configured for.
final class StatusServer {
    struct Answer {
        var status = 200
        var type = "text/plain; charset=utf-8"
        var text: String
    }

    private final class Client {
        let socket: Socket
        var bytes: [UInt8] = []
        let end = ContinuousClock.now.advanced(by: .seconds(5))
        init(_ socket: Socket) { self.socket = socket }
    }

    private static let requestLimit = 8192
    private static let maximumClients = 32

    private var listeners: [Socket] = []
    private var clients: [Client] = []

    /// Listens at an address such as `:9094`, `127.0.0.1:9094` or `[::1]:9094`.
    init(_ address: String) throws(OperationFailure) {
        guard let addresses = Self.addresses(address) else {
            throw OperationFailure(
                .error(
                    id: "invalid-address", "'\(address)' is not an address to listen at",
                    help: "write :PORT, ADDRESS:PORT or [ADDRESS]:PORT"))
        }
        var problem: SocketError?
        for address in addresses {
            do throws(SocketError) {
                let socket = try Socket(.tcp, address.family)
                try socket.listen(on: address)
                listeners.append(socket)
            } catch {
                // A node without IPv6 has no IPv6 sockets.
                let isMissing = error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL
                if !isMissing || addresses.count == 1 { problem = error }
            }
        }
        if let problem {
            throw OperationFailure(
                .error(
                    id: "cannot-listen", "can't serve the agent's state: \(problem)",
                    help: "end the program that uses the port, or choose another with --listen"))
        }
    }

    private static func addresses(_ text: String) -> [SocketAddress]? {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        var host = text[..<colon]
        if host.isEmpty {
            return ["0.0.0.0", "::"].compactMap(IPAddress.init).map { SocketAddress($0, port) }
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return IPAddress(String(host)).map { [SocketAddress($0, port)] }
    }

    var descriptors: [pollfd] {
        (listeners.map(\.descriptor) + clients.map(\.socket.descriptor)).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
    }

    /// Takes what has arrived; `answer` gets the path of each request.
    func advance(_ answer: (String) -> Answer) {
        for listener in listeners {
            while clients.count < Self.maximumClients, let socket = try? listener.accept() {
                clients.append(Client(socket))
            }
        }
        var buffer = [UInt8](repeating: 0, count: Self.requestLimit)
        clients = clients.filter { client in
            let count: Int?
            do throws(SocketError) {
                count = try client.socket.receive(into: &buffer)
            } catch {
                return false
            }
            guard let count else { return client.end > .now }
            client.bytes += buffer.prefix(count)
            guard count > 0, client.bytes.count <= Self.requestLimit else { return false }
            guard let (method, path) = Self.request(client.bytes) else { return true }
            var reply = Answer(status: 405, text: "only GET is answered\n")
            if method == "GET" || method == "HEAD" { reply = answer(path) }
            // The answer fits into the socket's buffer.
            try? client.socket.send(Self.bytes(of: reply, withBody: method != "HEAD"))
            return false
        }
    }

    /// Returns the method and the path of a complete request; nil if more has to arrive.
    private static func request(_ bytes: [UInt8]) -> (method: String, path: String)? {
        let text = String(decoding: bytes, as: UTF8.self)
        // A line ends with one character of Swift, whose two scalars are CR and LF.
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\r\n" || $0 == "\n" }
        guard let end = lines.dropFirst().firstIndex(where: \.isEmpty), end < lines.count - 1 else {
            return nil
        }
        let words = lines[0].split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return ("", "") }
        return (String(words[0]), String(words[1].prefix { $0 != "?" }))
    }

    private static func bytes(of answer: Answer, withBody: Bool) -> [UInt8] {
        let reasons = [200: "OK", 404: "Not Found", 405: "Method Not Allowed"]
        let reason = reasons[answer.status] ?? "Service Unavailable"
        let head =
            "HTTP/1.1 \(answer.status) \(reason)\r\nContent-Type: \(answer.type)\r\n"
            + "Content-Length: \(answer.text.utf8.count)\r\nConnection: close\r\n\r\n"
        return Array((head + (withBody ? answer.text : "")).utf8)
    }
}
