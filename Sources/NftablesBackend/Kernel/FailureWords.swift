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

    /// Somebody else's change was in the way; it may work the next time.
    var isPassing: Bool { [EBUSY, EINTR, EAGAIN, ENOBUFS].contains(where: says) }

    /// The first line, without the place and without the JSON that libnftables quotes.
    var reason: String {
        let line = message.split(separator: "\n").first.map(String.init) ?? message
        guard let error = line.range(of: "Error: ") else { return line }
        return String(line[error.upperBound...])
    }

    /// The 1-based line of nft text that the message is about, from `FILE:LINE:COLUMN-COLUMN:`.
    var line: Int? {
        message.split(separator: "\n").lazy.compactMap { line -> Int? in
            let parts = line.split(separator: ":", maxSplits: 3)
            guard parts.count >= 3, let number = Int(parts[1]), number > 0 else { return nil }
            return number
        }.first
    }

    func asBackendError(doing operation: String) -> BackendError {
        if says(EPERM) { return .missingCapability("CAP_NET_ADMIN") }
        if says(EAFNOSUPPORT) || says(EPROTONOSUPPORT) {
            return .unsupported(
                feature: "nf_tables",
                remedy: "use a kernel with CONFIG_NF_TABLES_INET, Linux 5.6 or newer"
            )
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
