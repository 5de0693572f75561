import Glibc
import RuleIR

extension BackendError {
    /// The error of a failed call, in the user's terms.
    init(_ failure: KernelFailure, isReading: Bool = false) {
        switch failure.code {
        case EPERM, EACCES:
            // Objects are found by their IDs, which needs CAP_SYS_ADMIN.
            self = .missingCapability(
                isReading ? "CAP_SYS_ADMIN" : "CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN",
                isReading: isReading)
        case ENOSPC, E2BIG, ENOMEM:
            self = .refused(reason: "\(failure.operation): \(failure.reason)", rule: nil)
        case _: self = .failed(operation: failure.operation, reason: failure.reason)
        }
    }

    /// The error of loading the programs; `log` is the text of libbpf and of the verifier.
    static func loading(code: Int32, log: String) -> BackendError {
        let lines = log.split(separator: "\n")
        // The kernel names a function or a kind of map that it lacks.
        if let unknown = lines.first(where: { $0.hasPrefix("unknown func") }) {
            return .unsupported(
                feature: "a function of the eBPF programs (\(unknown))",
                remedy: "use Linux 5.15 or newer, or --backend nft")
        }
        // The interface of sk_lookup's context, which programs read if the configuration has one.
        if lines.contains("invalid bpf_context access off=64 size=4") {
            return .unsupported(
                feature: "the interface of an incoming connection (ebpf.tcAttachIface)",
                remedy:
                    "use Linux 5.17 or newer, leave ebpf.tcAttachIface out, or use --backend nft"
            )
        }
        if code == EPERM || code == EACCES, !lines.contains(where: { $0.hasPrefix("processed ") }) {
            return .missingCapability("CAP_BPF and CAP_NET_ADMIN", isReading: false)
        }
        // The verifier's last line before its figures, and before libbpf's mark of the end.
        let others = ["processed ", "libbpf: ", "-- "]
        let cause = lines.last { line in !others.contains { line.hasPrefix($0) } }
        let reason = unsafe String(cString: strerror(code))
        return .refused(
            reason: "the eBPF programs don't load (\(reason))"
                + (cause.map { ": \($0)" } ?? ""), rule: nil)
    }
}

/// Runs a call of the kernel, with its failure as the backend's.
func reporting<Value: ~Copyable>(
    isReading: Bool = false, _ body: () throws(KernelFailure) -> Value
) throws(BackendError) -> Value {
    do throws(KernelFailure) {
        return try body()
    } catch {
        throw BackendError(error, isReading: isReading)
    }
}
