import Glibc
import Netlink
import RuleIR

/// A transaction or query that the kernel refused; nothing was changed.
struct Refusal: Error {
    /// The errno(3) value.
    var code: Int32
    var subject: NftBatch.Subject
    /// The kernel's message, or the system's text for the code.
    var reason: String
    /// The expression of the rule that caused the refusal, if the kernel names one.
    var expression: String?

    init(_ error: NetlinkError) {
        code = error.code
        subject = .transaction
        reason = error.reason
    }

    init(_ answer: NetlinkAnswer, of batch: NftBatch) {
        let error = NetlinkError(code: answer.code)
        code = answer.code
        subject = batch.subject(of: answer.number)
        reason = answer.words ?? error.reason
        guard case .rule = subject, let offset = answer.offset else { return }
        expression = batch.expression(at: offset, of: answer.number)
    }

    /// Whether the cause is temporary, such as another program's change.
    ///
    /// ERESTART means that the rules have changed since the transaction was made.
    var isTemporary: Bool { [EBUSY, EINTR, EAGAIN, ENOBUFS, ERESTART].contains(code) }

    /// Whether rules have changed since the transaction was made.
    var isOutdated: Bool { code == ERESTART }

    /// Whether rules were changed while they were read.
    var isInterruption: Bool { code == EINTR }

    /// Whether the named object doesn't exist.
    var isAbsence: Bool { code == ENOENT }

    /// Whether the kernel has no nf_tables: it refuses a whole query or transaction.
    var isWithoutNfTables: Bool {
        switch code {
        case EAFNOSUPPORT, EPROTONOSUPPORT: true
        case EINVAL, EOPNOTSUPP: subject == .transaction
        case _: false
        }
    }

    var asBackendError: BackendError {
        if code == EPERM { return .missingCapability("CAP_NET_ADMIN", isReading: false) }
        if isWithoutNfTables { return KernelFeature.nfTables.unsupported() }
        if let lack { return lack.feature.unsupported(for: lack.use) }
        switch subject {
        case .rule(let rule):
            let place = expression.map { " (expression '\($0)')" } ?? ""
            return .refused(
                reason: reason + place,
                rule: RefusedRule(location: rule.location, rationale: rule.rationale))
        case .set(let name, _): return .refused(reason: "set \(name): \(reason)", rule: nil)
        case .chain(let name): return .refused(reason: "chain \(name): \(reason)", rule: nil)
        case .transaction, .table: return .refused(reason: reason, rule: nil)
        }
    }

    /// The feature that the kernel lacks and its use, if the refusal identifies them.
    private var lack: (feature: KernelFeature, use: String?)? {
        switch (code, subject) {
        case (EOPNOTSUPP, .table): (.nfTables, nil)
        // A kernel that doesn't know the flags of a set reports them as invalid.
        case (EOPNOTSUPP, .set(let name, let needs?)), (EINVAL, .set(let name, let needs?)):
            (needs, "the set '\(name)'")
        case (ENOENT, .chain(let name)): (.natInInet, "the chain '\(name)'")
        case (ENOENT, .rule(let rule)):
            expression.flatMap(KernelFeature.nftablesExpression).map { ($0, rule.use) }
        case (EOPNOTSUPP, .rule(let rule)) where rule.statements.contains(where: \.setsZone):
            (.conntrackZones, rule.use)
        case _: nil
        }
    }
}

extension NftRule {
    fileprivate var use: String { "the rule '\(rationale.reason)' from \(rationale.key)" }
}

extension NftStatement {
    fileprivate var setsZone: Bool {
        if case .setZone = self { true } else { false }
    }
}
