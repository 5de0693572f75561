package import Diagnostics
package import LinuxHost

/// Runs `body` with the calling thread in the network namespace at `path`.
package func withinPodNamespace<Value>(
    _ path: String, _ body: () throws(OperationFailure) -> Value
) throws(PodNamespaceFailure) -> Value {
    let namespace: NetworkNamespace
    do throws(NetworkNamespace.Failure) {
        namespace = try NetworkNamespace(path)
    } catch {
        throw .notEntered(error, .namespaceNotEntered(path, error))
    }
    return try namespace.within(
        refusal: { .notEntered($0, .namespaceNotEntered(path, $0)) }
    ) { () throws(PodNamespaceFailure) -> Value in
        do throws(OperationFailure) {
            return try body()
        } catch {
            throw .failed(error)
        }
    }
}

/// An error of an operation in a pod's network namespace.
package enum PodNamespaceFailure: Error {
    case notEntered(NetworkNamespace.Failure, Diagnostic)
    case failed(OperationFailure)
}

extension Diagnostic {
    fileprivate static func namespaceNotEntered(
        _ path: String, _ failure: NetworkNamespace.Failure
    ) -> Diagnostic {
        let id = "namespace-not-entered"
        return switch failure {
        case .missing:
            .error(
                id: id, "there is no network namespace '\(path)'",
                help: "the pod is gone; start it again")
        case .other(let reason):
            .error(
                id: id, "'\(path)' is not a network namespace: \(reason)",
                help: "check what the container runtime passes as CNI_NETNS")
        case .current:
            .error(
                id: id, "'\(path)' is the network namespace of the node",
                notes: ["rules there would redirect the traffic of the whole node"],
                help: "leave pods that use the node's network out of the mesh")
        case .refused(let reason):
            .error(
                id: id, "can't enter the network namespace '\(path)': \(reason)",
                help: "run as root with CAP_SYS_ADMIN, in the user namespace of the node")
        }
    }
}
