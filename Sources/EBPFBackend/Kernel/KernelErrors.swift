import Glibc
import LinuxHost
import RuleIR

extension BackendError {
    /// The error of a failed call, in the user's terms.
    init(_ failure: KernelFailure, isReading: Bool = false) {
        switch failure.code {
        case EPERM, EACCES: self = .notPermitted(isReading: isReading)
        case ENOSPC, E2BIG:
            self = .unusable(
                "eBPF", reason: "\(failure.operation): it is full",
                remedy: "shorten the lists of the configuration, or use --backend nft")
        case ENOMEM:
            self = .refused(reason: "\(failure.operation): \(failure.reason)", rule: nil)
        case _: self = .failed(operation: failure.operation, reason: failure.reason)
        }
    }

    /// The error of a call that needs a capability, which only the initial user namespace gives.
    static func notPermitted(isReading: Bool) -> BackendError {
        guard UserMap.entries.isEmpty else {
            return .unusable(
                "eBPF", reason: "the kernel refuses its programs in a user namespace",
                remedy: "run tproxy in the initial user namespace, or use --backend nft")
        }
        let missing = Privilege.missingForPrograms
        // Programs and maps are found by their IDs, which needs CAP_SYS_ADMIN.
        let needed = isReading ? ["CAP_SYS_ADMIN"] : ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"]
        return .missingCapability(
            (missing.isEmpty ? needed : missing).joined(separator: ", "), isReading: isReading)
    }

    /// The error of loading the programs of the object `name`; `log` is the text of libbpf and of
    /// the verifier.
    static func loading(_ name: String, code: Int32, log: String) -> BackendError {
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
        let isVerified = lines.contains { $0.hasPrefix("processed ") }
        if code == EPERM || code == EACCES, !isVerified {
            return .notPermitted(isReading: false)
        }
        let cause = lines.last {
            !$0.hasPrefix("processed ") && !$0.hasPrefix("libbpf: ") && !$0.hasPrefix("-- ")
        }
        let reason = unsafe String(cString: strerror(code))
        guard isVerified else {
            return .refused(
                reason: "the eBPF programs don't load (\(reason))"
                    + (cause.map { ": \($0)" } ?? ""), rule: nil)
        }
        let program = lines.lazy.compactMap(Self.program).first.map { " \($0)" } ?? ""
        return .unusable(
            name,
            reason: "the kernel's verifier refuses the program\(program)"
                + (cause.map { ": \($0)" } ?? ""),
            remedy: "leave ebpf.programsSourcePath out, or use --backend nft")
    }

    /// Returns the name in `libbpf: prog 'tproxy_connect4': …`.
    private static func program(_ line: Substring) -> Substring? {
        let prefix = "libbpf: prog '"
        guard line.hasPrefix(prefix) else { return nil }
        return line.dropFirst(prefix.count).prefix { $0 != "'" }
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
