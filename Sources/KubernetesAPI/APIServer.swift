package import Diagnostics
import JSON
import LinuxHost

/// The API server, and how to talk to it.
package struct APIServer: Sendable {
    /// The address without a path, such as `https://10.0.0.1:443`.
    package let url: String
    /// The file of the token; nil sends none.
    private let tokenFile: String?
    /// The file of the certificates that the server's must be signed by; nil is the system's.
    private let authoritiesFile: String?

    package init(url: String, tokenFile: String?, authoritiesFile: String?) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.tokenFile = tokenFile
        self.authoritiesFile = authoritiesFile
    }

    /// The server of the cluster that the environment of a pod names; nil outside of a pod.
    package static func address(in environment: [String: String]) -> String? {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty else { return nil }
        let port = environment["KUBERNETES_SERVICE_PORT"] ?? "443"
        return "https://\(host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host):\(port)"
    }

    /// Returns a request with the token that the file has now: the kubelet renews it.
    func request(
        _ path: String, method: String? = nil, body: String? = nil, type: String? = nil,
        timeout: Duration
    ) throws(APIFailure) -> APITransfers.Request {
        var headers = ["Accept: application/json", "User-Agent: tproxy-agent"]
        if let type { headers.append("Content-Type: \(type)") }
        if let tokenFile { headers.append("Authorization: Bearer \(try Self.token(tokenFile))") }
        return APITransfers.Request(
            url: url + path, method: method, body: body, headers: headers,
            authorities: authoritiesFile, timeout: timeout)
    }

    private static func token(_ path: String) throws(APIFailure) -> String {
        let text: String
        do throws(ReadFailure) {
            text = try KernelFile.contents(of: path, upTo: 1 << 16)
        } catch {
            throw .token(path: path, reason: error.reason)
        }
        let token = text.filter { !$0.isWhitespace }
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .token(path: path, reason: "it holds no token")
        }
        return token
    }

    /// Whether a text is a name of Kubernetes, which can be part of a URL.
    package static func isName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count) && text != "." && text != ".."
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
    }
}

/// The reason why a request has no usable answer.
package enum APIFailure: Error, Hashable, Sendable {
    case token(path: String, reason: String)
    /// There is no answer, or only a part of one.
    case unanswered(reason: String)
    /// The server refuses the request with this status.
    case refused(status: Int, message: String)
    /// The server ends each watch as soon as it has begun.
    case endedAtOnce
    /// The answer isn't what the request asks for.
    case malformed(reason: String)

    /// Creates the failure of an answer with the status and the document of a refusal.
    init(status: Int, document: [UInt8]?) {
        let text = String(decoding: document ?? [], as: UTF8.self)
        let message = (try? JSONValue(parsing: text))?["message"]?.string
        self = .refused(status: status, message: message ?? "no reason given")
    }

    /// Returns the diagnostic of a request that was to do `task`, such as "list the pods".
    package func diagnostic(_ task: String, _ server: APIServer, permission: String) -> Diagnostic {
        let id = "api-server"
        switch self {
        case .token(let path, let reason):
            return .error(
                id: id, "can't \(task): the token in '\(path)' can't be read: \(reason)",
                help: "mount the service account's token there, or name it with --token-file")
        case .unanswered(let reason):
            return .error(
                id: id, "can't \(task): the API server \(server.url) doesn't answer: \(reason)",
                help: "check the API server, the node's route to it, and --ca-file")
        case .endedAtOnce:
            return .error(
                id: id, "can't \(task): the API server \(server.url) ends each watch at once",
                help: "check the API server, and a proxy before it that limits connections")
        case .malformed(let reason):
            return .error(
                id: id,
                "can't \(task): the answer of \(server.url) is no answer of Kubernetes:"
                    + " \(reason)",
                help: "check --api-server, and for a proxy before the API server")
        case .refused(let status, let message):
            let help =
                switch status {
                case 401:
                    "check that the token belongs to this cluster; it is read again for each request"
                case 403:
                    "let the agent's service account \(permission), as the manifests' RBAC does"
                case 404: "check --api-server and --node"
                case 410: "nothing: the agent lists the pods again"
                case 429: "nothing: the agent asks less often"
                case _: "check the API server; the agent asks again"
                }
            return .error(
                id: id, "can't \(task): the API server \(server.url) answers \(status): \(message)",
                help: help)
        }
    }
}
