import CNI
import Diagnostics
import Glibc
import LinuxHost
import Sockets
import TproxyOperations

/// Answers the plugin on a Unix socket.
final class PluginServer {
    private final class Client {
        let socket: LocalSocket
        var bytes: [UInt8] = []
        let end = ContinuousClock.now.advanced(by: .seconds(5))
        init(_ socket: LocalSocket) { self.socket = socket }
    }

    /// The most connections whose questions are incomplete.
    private static let maximumClients = 256

    private let listener: LocalSocket
    private var clients: [Client] = []
    private(set) var questions = 0
    private(set) var refusals = 0

    /// Listens at `path`, whose folder is created if it is missing.
    init(_ path: String) throws(OperationFailure) {
        do throws(HostFileError) {
            let end = path.lastIndex(of: "/") ?? path.startIndex
            if end > path.startIndex {
                try FileName.makeFolder(String(path[..<end]), mode: 0o755)
            }
        } catch {
            throw OperationFailure(error.diagnostic(whenWriting: true))
        }
        do throws(SocketError) {
            listener = try LocalSocket.listening(at: path)
        } catch {
            throw OperationFailure(
                .error(
                    id: "no-socket", "can't answer the plugin: \(error)",
                    help: "run as root, and mount the node's folder of '\(path)'"))
        }
    }

    var descriptors: [pollfd] {
        ([listener.descriptor] + clients.map(\.socket.descriptor)).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
    }

    /// Takes what has arrived; `answer` gets each question and the way to answer it.
    func advance(
        _ report: (AgentEvent) -> Void,
        _ answer: (AgentQuestion, _ reply: @escaping (AgentAnswer) -> Void) -> Void
    ) {
        while clients.count < Self.maximumClients, let socket = listener.accept() {
            // The runtime runs plugins as root.
            guard socket.peerUser == 0 else {
                refusals += 1
                report(.refusedPeer(user: socket.peerUser))
                continue
            }
            clients.append(Client(socket))
        }
        clients = clients.filter { client in
            guard let part = try? client.socket.receive(upTo: AgentQuestion.limit) else {
                return client.end > .now
            }
            client.bytes += part
            guard let end = client.bytes.firstIndex(of: 0x0A) else {
                return !part.isEmpty && client.bytes.count < AgentQuestion.limit
            }
            questions += 1
            let text = String(decoding: client.bytes[..<end], as: UTF8.self)
            guard let question = AgentQuestion(text) else {
                Self.send(.failure("the question is malformed"), to: client.socket)
                return false
            }
            let socket = client.socket
            answer(question) { Self.send($0, to: socket) }
            return false
        }
    }

    private static func send(_ answer: AgentAnswer, to socket: LocalSocket) {
        // The runtime may have ended the plugin meanwhile.
        try? socket.send(answer.line, seconds: 1)
    }
}
