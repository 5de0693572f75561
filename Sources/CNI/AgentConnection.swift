import LinuxHost
import Sockets

/// The plugin's connection to the node agent of the same node.
struct AgentConnection {
    /// The time that the agent has for an answer, which may need the API server.
    private static let seconds = 20

    let path: String

    /// Whether an agent has listened here since the node started.
    var isThere: Bool { FileLocation.exists(path) }

    /// Returns the annotations of a pod; fails if the agent can't tell them.
    func annotations(of question: AgentQuestion) throws(CNIError) -> [String: String] {
        let subject = "pod \(question.namespace)/\(question.name)"
        let answer: AgentAnswer?
        do throws(SocketError) {
            answer = try ask(question)
        } catch {
            throw CNIError(
                .tryAgainLater,
                "\(subject): the runtime passes no annotations, and the node agent at '\(path)'"
                    + " doesn't answer: \(error); check the pods of the agent's DaemonSet")
        }
        switch answer {
        case .annotations(let annotations)?: return annotations
        case .failure(let failure)?:
            throw CNIError(.tryAgainLater, "\(subject): the node agent answers: \(failure)")
        case nil:
            throw CNIError(
                .tryAgainLater,
                "\(subject): the node agent at '\(path)' gives no valid answer; check that agent and"
                    + " plugin have the same version")
        }
    }

    private func ask(_ question: AgentQuestion) throws(SocketError) -> AgentAnswer? {
        let socket = try LocalSocket.connected(to: path, seconds: Self.seconds)
        // Another user could have planted a socket in a folder that others can write.
        guard socket.peerUser == 0 else {
            throw SocketError("checking that root listens at '\(path)'", code: 13)
        }
        try socket.send(question.line)
        var bytes: [UInt8] = []
        while !bytes.contains(0x0A) {
            guard let part = try socket.receive(upTo: 1 << 16), !part.isEmpty,
                bytes.count + part.count <= AgentAnswer.limit
            else { return nil }
            bytes += part
        }
        return AgentAnswer(String(decoding: bytes, as: UTF8.self))
    }
}
