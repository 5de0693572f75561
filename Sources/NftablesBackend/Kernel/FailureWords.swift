import Glibc
import RuleIR

// libnftables hands on no errno(3), only the system's words for it.
extension NftablesContext.Failure {
    /// As libnftables words a refusal of the kernel's.
    static func refuse<Value>(_ code: Int32) throws(Self) -> Value {
        throw Self(
            message: "Error: Could not process rule: \(unsafe String(cString: strerror(code)))")
    }

    /// The table isn't there.
    var isAbsence: Bool { says(ENOENT) }

    /// The first line, without the place and without the JSON that libnftables quotes.
    var reason: String {
        let line = message.split(separator: "\n").first.map(String.init) ?? message
        guard let error = line.range(of: "Error: ") else { return line }
        return String(line[error.upperBound...])
    }

    func asBackendError(doing operation: String) -> BackendError {
        if says(EPERM) { return .missingCapability("CAP_NET_ADMIN") }
        if says(EAFNOSUPPORT) || says(EPROTONOSUPPORT) {
            return KernelFeature.nfTables.unsupported()
        }
        return .refused(reason: reason, rule: nil)
    }

    private func says(_ code: Int32) -> Bool {
        unsafe message.contains(String(cString: strerror(code)))
    }
}

extension String {
    /// The first place of `text` in this one.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        ranges(of: text).first
    }
}
