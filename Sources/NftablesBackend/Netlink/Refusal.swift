import Glibc
import Netlink
import RuleIR

/// The kernel's no to a transaction: nothing of it was done.
struct Refusal: Error {
    /// The errno(3) value.
    var code: Int32
    var subject: NftBatch.Subject
    /// The kernel's words, or the system's for the code.
    var reason: String
    /// The expression of the rule that is to blame, where the kernel points at one.
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

    /// Somebody else's change was in the way; it may work the next time.
    ///
    /// ERESTART: the rules aren't those any more that the transaction was made for.
    var isPassing: Bool { [EBUSY, EINTR, EAGAIN, ENOBUFS, ERESTART].contains(code) }

    /// Others have changed rules since the transaction was made.
    var isOutdated: Bool { code == ERESTART }

    /// Rules were changed while they were read.
    var isInterruption: Bool { code == EINTR }

    /// What was named isn't there.
    var isAbsence: Bool { code == ENOENT }

    /// The kernel has no nf_tables to ask: it says so of a whole question or transaction.
    var isWithoutNfTables: Bool {
        switch code {
        case EAFNOSUPPORT, EPROTONOSUPPORT: true
        case EINVAL, EOPNOTSUPP: subject == .transaction
        case _: false
        }
    }

    var asBackendError: BackendError {
        if code == EPERM { return .missingCapability("CAP_NET_ADMIN") }
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

    /// What the kernel lacks, and what needs it, where its answer tells.
    private var lack: (feature: KernelFeature, use: String?)? {
        switch (code, subject) {
        case (EOPNOTSUPP, .table): (.nfTables, nil)
        // A kernel that doesn't know the flags of a set takes them for a mistake.
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
