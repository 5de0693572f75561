package import Diagnostics
import JSON

/// Follows the pods of one node: lists them once, and then watches for changes.
package final class PodWatch {
    package enum Event: Sendable {
        case present(NodePod)
        case gone(uid: String)
        /// A list is complete: pods with other UIDs are gone.
        case listed(uids: Set<String>)
        /// A request has failed; the agent asks again after the wait.
        case failure(Diagnostic, wait: Duration)
    }

    /// The number of requests that have ended, by their kind and outcome.
    package private(set) var requests: [RequestKind: Int] = [:]
    /// The time of the next request; nil while one is running.
    package private(set) var due: ContinuousClock.Instant?
    /// Whether the pods were listed and no request has failed since.
    package var isConnected: Bool { hasListed && schedule.failures == 0 }

    private static let permission = "get, list and watch pods"

    private let server: APIServer
    private let selector: String
    private var schedule: WatchSchedule
    private var hasListed = false
    private var random = SystemRandomNumberGenerator()
    /// The wait before the first list.
    package let firstWait: Duration

    /// Watches the pods of `node`; the first list comes after a random part of `spread`.
    package init(_ server: APIServer, node: String, spread: Duration) {
        self.server = server
        selector = "fieldSelector=spec.nodeName%3D\(node)"
        schedule = WatchSchedule(spread: spread)
        firstWait = schedule.firstWait(&random)
        due = .now.advanced(by: firstWait)
    }

    /// Starts the next request if it is due; `receive` gets what it reports.
    package func advance(
        _ transfers: APITransfers, _ receive: @escaping (Event) -> Void
    ) {
        guard let due, due <= .now else { return }
        self.due = nil
        switch schedule.step {
        case .list(let isConsistent): list(transfers, isConsistent: isConsistent, receive)
        case .watch(let version): watch(transfers, since: version, receive)
        }
    }

    // MARK: List

    private func list(
        _ transfers: APITransfers, isConsistent: Bool, _ receive: @escaping (Event) -> Void
    ) {
        let path = "/api/v1/pods?\(selector)\(isConsistent ? "" : "&resourceVersion=0")"
        var uids: Set<String> = []
        var isComplete = true
        run(.list, transfers, path, timeout: .seconds(60), receive) { part in
            guard let item = part.item else { return }
            if let pod = Self.json(item).flatMap(NodePod.init) {
                uids.insert(pod.uid)
                receive(.present(pod))
            } else {
                isComplete = false
            }
        } end: { (document: [UInt8]?) throws(APIFailure) -> Duration in
            let json = document.flatMap(Self.json)
            guard json?["kind"]?.string == "PodList", isComplete else {
                throw .malformed(reason: "it is no complete PodList")
            }
            let version = try Self.version(json)
            receive(.listed(uids: uids))
            self.hasListed = true
            return self.schedule.listed(version)
        }
    }

    // MARK: Watch

    private func watch(
        _ transfers: APITransfers, since version: String, _ receive: @escaping (Event) -> Void
    ) {
        let seconds = Int.random(in: 300...600, using: &random)
        let path =
            "/api/v1/pods?\(selector)&watch=true&allowWatchBookmarks=true"
            + "&resourceVersion=\(version)&timeoutSeconds=\(seconds)"
        let start = ContinuousClock.now
        var failure: APIFailure?
        var hasReported = false
        run(.watch, transfers, path, timeout: .seconds(seconds + 30), receive) { part in
            guard failure == nil, let document = part.document else { return }
            do throws(APIFailure) {
                try self.take(document, receive)
                hasReported = true
            } catch {
                failure = error
            }
        } end: { (_: [UInt8]?) throws(APIFailure) -> Duration in
            if let failure { throw failure }
            // A server that ends every watch at once must not be asked at once.
            guard hasReported || start.duration(to: .now) > .seconds(1) else {
                throw .endedAtOnce
            }
            return self.schedule.ended(&self.random)
        }
    }

    /// Takes an event of the watch.
    private func take(
        _ document: [UInt8], _ receive: (Event) -> Void
    ) throws(APIFailure) {
        guard let json = Self.json(document), let type = json["type"]?.string,
            let object = json["object"]
        else {
            // The document of a refusal, whose status is known at the end.
            if Self.json(document)?["kind"]?.string == "Status" { return }
            throw .malformed(reason: "an event of the watch is not readable")
        }
        switch type {
        case "ADDED", "MODIFIED", "DELETED":
            guard let pod = NodePod(object) else {
                throw .malformed(reason: "an event of the watch has no pod")
            }
            receive(type == "DELETED" ? .gone(uid: pod.uid) : .present(pod))
        case "BOOKMARK": break
        case "ERROR":
            throw .refused(
                status: object["code"]?.number ?? 500,
                message: object["message"]?.string ?? "no reason given")
        case _: throw .malformed(reason: "the watch has an event '\(type)'")
        }
        schedule.progressed(to: try Self.version(object))
    }

    // MARK: Requests

    /// Runs a request; `end` gets the last document of a complete answer.
    private func run(
        _ verb: RequestKind.Verb, _ transfers: APITransfers, _ path: String, timeout: Duration,
        _ receive: @escaping (Event) -> Void, part: @escaping (ObjectStream.Part) -> Void,
        end: @escaping ([UInt8]?) throws(APIFailure) -> Duration
    ) {
        var stream = ObjectStream()
        var problem: ObjectStream.Problem?
        var last: [UInt8]?
        let request: APITransfers.Request
        do throws(APIFailure) {
            request = try server.request(path, timeout: timeout)
        } catch {
            return settle(.failure(error), verb, receive)
        }
        transfers.start(request) { bytes in
            do throws(ObjectStream.Problem) {
                try stream.take(bytes) {
                    last = $0.document ?? last
                    part($0)
                }
                return true
            } catch {
                problem = error
                return false
            }
        } end: { outcome in
            self.settle(
                Result { () throws(APIFailure) in
                    self.requests[RequestKind(verb, outcome), default: 0] += 1
                    switch outcome {
                    case .answered(200):
                        guard !stream.isPartial else {
                            throw .malformed(reason: "it ends in an object")
                        }
                        return try end(last)
                    case .answered(let status): throw APIFailure(status: status, document: last)
                    case .failed(let reason):
                        if let problem { throw .malformed(reason: problem.reason) }
                        throw .unanswered(reason: reason)
                    }
                }, verb, receive)
        }
    }

    private func settle(
        _ result: Result<Duration, APIFailure>, _ verb: RequestKind.Verb, _ receive: (Event) -> Void
    ) {
        let wait: Duration
        switch result {
        case .success(let next): wait = next
        case .failure(.refused(410, _)): wait = schedule.expired(&random)
        case .failure(let failure):
            wait = schedule.failed(&random)
            // A server that is being stopped ends new watches as well.
            if failure == .endedAtOnce, schedule.failures == 1 { break }
            let diagnostic = failure.diagnostic(
                "\(verb.rawValue) the node's pods", server, permission: Self.permission)
            receive(.failure(diagnostic, wait: wait))
        }
        due = .now.advanced(by: wait)
    }

    private static func json(_ bytes: [UInt8]) -> JSONValue? {
        try? JSONValue(parsing: String(decoding: bytes, as: UTF8.self))
    }

    private static func version(_ object: JSONValue?) throws(APIFailure) -> String {
        let version = object?["metadata"]?["resourceVersion"]?.string ?? ""
        let isPlain = version.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
        }
        guard !version.isEmpty, isPlain else {
            throw .malformed(reason: "it has no resourceVersion")
        }
        return version
    }
}

extension ObjectStream.Part {
    fileprivate var item: [UInt8]? {
        if case .item(let bytes) = self { bytes } else { nil }
    }

    fileprivate var document: [UInt8]? {
        if case .document(let bytes) = self { bytes } else { nil }
    }
}
