import JSON

extension APIServer {
    /// The maximum size of the object in an answer.
    private static let limit = ObjectStream.defaultLimit
    private static let timeout = Duration.seconds(15)

    /// Sends a request whose answer is one object.
    func send(
        _ path: String, method: String? = nil, body: String? = nil, type: String? = nil,
        over transfers: APITransfers, end: @escaping (Result<JSONValue, APIFailure>) -> Void
    ) {
        let request: APITransfers.Request
        do throws(APIFailure) {
            request = try self.request(
                path, method: method, body: body, type: type, timeout: Self.timeout)
        } catch {
            return end(.failure(error))
        }
        var bytes: [UInt8] = []
        transfers.start(request) { part in
            bytes.append(contentsOf: part)
            return bytes.count <= Self.limit
        } end: { outcome in
            switch outcome {
            case .answered(200):
                guard let json = try? JSONValue(parsing: String(decoding: bytes, as: UTF8.self))
                else { return end(.failure(.malformed(reason: "it is not JSON"))) }
                end(.success(json))
            case .answered(let status):
                end(.failure(APIFailure(status: status, document: bytes)))
            case .failed(let reason): end(.failure(.unanswered(reason: reason)))
            }
        }
    }

    /// Gets a pod.
    package func pod(
        namespace: String, name: String, over transfers: APITransfers,
        end: @escaping (Result<NodePod, APIFailure>) -> Void
    ) {
        send("/api/v1/namespaces/\(namespace)/pods/\(name)", over: transfers) { result in
            end(
                result.flatMap { json in
                    guard let pod = NodePod(json) else {
                        return .failure(.malformed(reason: "it is no pod"))
                    }
                    return .success(pod)
                })
        }
    }

    /// Removes the taints with the key `taint` from a node; reports whether there were any.
    ///
    /// Permission to patch the node is enough: an empty patch returns the node as it is. If another
    /// program changes the taints meanwhile, the server refuses the patch.
    package func removeTaint(
        _ taint: String, fromNode node: String, over transfers: APITransfers,
        end: @escaping (Result<Bool, APIFailure>) -> Void
    ) {
        let path = "/api/v1/nodes/\(node)"
        send(
            path, method: "PATCH", body: "{}", type: "application/merge-patch+json",
            over: transfers
        ) { result in
            let patch: JSONValue
            do throws(APIFailure) {
                let object = try result.get()
                guard object["kind"]?.string == "Node" else {
                    throw .malformed(reason: "it is no node")
                }
                guard let removal = Self.removal(of: taint, from: object) else {
                    return end(.success(false))
                }
                patch = removal
            } catch {
                return end(.failure(error))
            }
            self.send(
                path, method: "PATCH", body: patch.text(.compact),
                type: "application/json-patch+json", over: transfers
            ) { end($0.map { _ in true }) }
        }
    }

    /// Returns the patch (RFC 6902) that removes the taints; nil if there are none.
    static func removal(of taint: String, from node: JSONValue) -> JSONValue? {
        let taints = node["spec"]?["taints"]?.array ?? []
        let kept = taints.filter { $0["key"]?.string != taint }
        guard kept.count < taints.count else { return nil }
        return [
            ["op": "test", "path": "/spec/taints", "value": .array(taints)],
            ["op": "replace", "path": "/spec/taints", "value": .array(kept)],
        ]
    }
}
