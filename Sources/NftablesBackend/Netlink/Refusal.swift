import Glibc
import RuleIR
import Rtnetlink

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

    /// What was named isn't there.
    var isAbsence: Bool { code == ENOENT }

    var asBackendError: BackendError {
        switch (code, subject) {
        case (EPERM, _): return .missingCapability("CAP_NET_ADMIN")
        case (EAFNOSUPPORT, _), (EPROTONOSUPPORT, _), (EOPNOTSUPP, .transaction),
            (EOPNOTSUPP, .table):
            return .unsupported(
                feature: "nf_tables",
                remedy: "use a kernel with CONFIG_NF_TABLES_INET, Linux 5.6 or newer")
        case (EOPNOTSUPP, .set(let name)):
            return .unsupported(
                feature: "the nftables set '\(name)'", remedy: "use Linux 5.6 or newer")
        case (ENOENT, .chain(let name)):
            return .unsupported(
                feature: "the type of the nftables chain '\(name)'",
                remedy: "use a kernel with CONFIG_NFT_NAT, or load its module nft_chain_nat")
        case (ENOENT, .rule(let rule)) where expression != nil:
            let name = expression ?? ""
            return .unsupported(
                feature: "the nftables expression '\(name)' of the rule for "
                    + "'\(rule.rationale.reason)'",
                remedy: "use a kernel with CONFIG_NFT_\(name.uppercased()), or load its module"
                    + " nft_\(name)")
        case (_, .rule(let rule)):
            return .refused(
                reason: reason,
                rule: RefusedRule(location: rule.location, rationale: rule.rationale))
        case (_, .set(let name)): return .refused(reason: "set \(name): \(reason)", rule: nil)
        case (_, .chain(let name)): return .refused(reason: "chain \(name): \(reason)", rule: nil)
        case (_, .transaction), (_, .table): return .refused(reason: reason, rule: nil)
        }
    }
}
