package import Diagnostics
import FirewalldControl
package import FirewalldExporter
package import LinuxHost
package import RuleIR

/// Changes our part of firewalld's `direct.xml`.
package struct FirewalldStore {
    package static let standardPath = "/etc/firewalld/direct.xml"
    /// As in Kuma; firewalld reads the file as root.
    private static let defaultMode: UInt32 = 0o600
    /// Each element of a long list is a rule, and a file that is written must be readable.
    private static let maximumSize = 64 << 20

    /// The result of a change of the file.
    package struct Outcome {
        package var file: HostFile.Outcome
        /// The new contents; nil if there is no file.
        var bytes: [UInt8]?
        /// The number of our elements that were removed.
        package var removed: Int
        /// Diagnostics for the user.
        package var notices: [Diagnostic]
        /// The reason for which the change may not survive a power failure.
        var unsettled: Diagnostic?

        /// Throws if the change may not survive a power failure.
        package func checkIsSettled() throws(OperationFailure) {
            if let unsettled { throw OperationFailure(unsettled) }
        }
    }

    /// A change that isn't made yet.
    package struct Proposal {
        var change: DirectChange
        /// Whether the change would alter the file.
        var isDifferent: Bool
        package var notices: [Diagnostic]

        /// The new text of the file.
        package var text: String { String(decoding: change.bytes ?? [], as: UTF8.self) }
    }

    package let path: String
    private var file: HostFile { HostFile(path, limit: Self.maximumSize) }

    package init(_ path: String) {
        self.path = path
    }

    /// Replaces the rules in the file.
    package func store(_ output: FirewalldExporter.Output) throws(OperationFailure) -> Outcome {
        try update { old throws(OperationFailure) in try merging(output, into: old) }
    }

    /// Removes exactly our elements.
    package func remove() throws(OperationFailure) -> Outcome {
        // Without firewalld, even the directory is missing.
        guard try read() != nil else {
            return Outcome(file: .unchanged, bytes: nil, removed: 0, notices: [])
        }
        return try update { old throws(OperationFailure) in try removing(from: old) }
    }

    /// Deletes what a killed run left beside a file that holds no rules of ours.
    func removeLeftovers() { file.removeLeftovers() }

    /// Throws the errors of `store` that can be predicted, and those of firewalld's own check.
    ///
    /// A file that this host's firewalld doesn't read may be for another firewalld. Returns the
    /// diagnostics of the change, which `store` returns as well.
    @discardableResult
    package func check(
        _ output: FirewalldExporter.Output
    ) throws(OperationFailure) -> [Diagnostic] {
        do {
            try file.checkUpdate()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
        let proposal = try merging(output, into: read())
        guard path == Self.standardPath else { return proposal.notices }
        // If the check can't be run, our own must suffice.
        if case .refused(let words) = OfflineCheck(of: proposal.change.bytes ?? []) {
            throw OperationFailure(.offlineCheckRefused(path, words: words))
        }
        return proposal.notices
    }

    /// Restores the old contents in place of the new; returns the reason if that fails.
    ///
    /// Changes of other programs in the meantime are kept.
    func restore(_ old: [UInt8]?, insteadOf new: [UInt8]?) -> String? {
        do throws(HostFileUpdateError<ChangedMeanwhile>) {
            try file.update(defaultMode: Self.defaultMode) { current throws(ChangedMeanwhile) in
                guard current == new else { throw ChangedMeanwhile() }
                return old
            }
            return nil
        } catch {
            return switch error {
            case .file(let problem): problem.isUntouched ? problem.diagnostic.message : nil
            case .refused: "another program changed it meanwhile"
            }
        }
    }

    private struct ChangedMeanwhile: Error {}

    /// The prerequisites that were made for the rules that the file holds.
    package func ownedPrerequisites() throws(OperationFailure) -> [HostPrerequisite] {
        guard let old = try read() else { return [] }
        do {
            return try DirectFile.ownedPrerequisites(in: old)
        } catch {
            throw OperationFailure(error.diagnostic(in: path))
        }
    }

    /// Whether the file contains rules of ours, as far as it can be read.
    var isHoldingRules: Bool {
        (try? removing(from: read()))?.change.removed ?? 0 > 0
    }

    /// Returns the contents of the file; nil if there is none.
    package func read() throws(OperationFailure) -> [UInt8]? {
        do {
            return try file.read()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    /// Returns the file with the rules; throws if firewalld wouldn't load it.
    package func merging(
        _ output: FirewalldExporter.Output, into old: [UInt8]?
    ) throws(OperationFailure) -> Proposal {
        let change: DirectChange
        let findings: [Diagnostic]
        do throws(DirectFileProblem) {
            change = try DirectFile.merging(output, into: old)
            findings = try DirectCheck.findings(in: change.bytes ?? []).map {
                $0.diagnostic(in: path)
            }
        } catch {
            throw OperationFailure(error.diagnostic(in: path))
        }
        guard change.bytes?.count ?? 0 <= Self.maximumSize else {
            throw OperationFailure(.tooMuchForFirewalld(limit: Self.maximumSize))
        }
        guard findings.allSatisfy({ $0.severity != .error }) else {
            throw OperationFailure(findings)
        }
        return Proposal(
            change: change, isDifferent: change.bytes != old,
            notices: findings + change.notices(about: path))
    }

    /// Returns the file without our elements.
    func removing(from old: [UInt8]?) throws(OperationFailure) -> Proposal {
        do {
            let change = try DirectFile.removing(from: old)
            return Proposal(
                change: change, isDifferent: change.bytes != old,
                notices: change.notices(about: path))
        } catch {
            throw OperationFailure(error.diagnostic(in: path))
        }
    }

    private func update(
        _ change: ([UInt8]?) throws(OperationFailure) -> Proposal
    ) throws(OperationFailure) -> Outcome {
        var last: Proposal?
        do throws(HostFileUpdateError<OperationFailure>) {
            let outcome = try file.update(defaultMode: Self.defaultMode) {
                old throws(OperationFailure) in
                let made = try change(old)
                last = made
                return made.change.bytes
            }
            return Outcome(
                file: outcome, bytes: last?.change.bytes, removed: last?.change.removed ?? 0,
                notices: last?.notices ?? [])
        } catch {
            switch error {
            case .file(let problem):
                guard !problem.isUntouched else { throw OperationFailure(problem.diagnostic) }
                return Outcome(
                    file: .replaced, bytes: last?.change.bytes, removed: last?.change.removed ?? 0,
                    notices: last?.notices ?? [], unsettled: problem.diagnostic)
            case .refused(let failure): throw failure
            }
        }
    }
}
