package import Diagnostics
import FirewalldControl
package import FirewalldExporter
package import HostFiles
package import RuleIR

/// firewalld's `direct.xml`, of which we write our part and no other.
package struct FirewalldStore {
    package static let standardPath = "/etc/firewalld/direct.xml"
    /// As Kuma's; firewalld reads as root.
    private static let defaultMode: UInt32 = 0o600
    /// A long list of a user's is as many rules; what is written must be readable again.
    private static let maximumSize = 64 << 20

    /// What became of the file.
    package struct Outcome {
        package var file: HostFile.Outcome
        /// What the file holds now; nil where there is none.
        var bytes: [UInt8]?
        /// How many elements of ours are gone.
        package var removed: Int
        /// What the user should know.
        package var notices: [Diagnostic]
        /// Why the change, which is made, may not outlast a power failure.
        var unsettled: Diagnostic?

        /// Throws if it isn't there to stay.
        package func checkIsSettled() throws(OperationFailure) {
            if let unsettled { throw OperationFailure(unsettled) }
        }
    }

    /// What would become of it.
    package struct Proposal {
        var change: DirectChange
        /// Whether the bytes would be others than they are.
        var isDifferent: Bool
        package var notices: [Diagnostic]

        /// The file's text.
        package var text: String { String(decoding: change.bytes ?? [], as: UTF8.self) }
    }

    package let path: String
    private var file: HostFile { HostFile(path, limit: Self.maximumSize) }

    package init(_ path: String) {
        self.path = path
    }

    /// Puts the rules in the place of those that the file holds.
    package func store(_ output: FirewalldExporter.Output) throws(OperationFailure) -> Outcome {
        try update { old throws(OperationFailure) in try merging(output, into: old) }
    }

    /// Takes out exactly ours.
    package func remove() throws(OperationFailure) -> Outcome {
        // Where firewalld isn't installed, there is not even a folder.
        guard try read() != nil else {
            return Outcome(file: .unchanged, bytes: nil, removed: 0, notices: [])
        }
        return try update { old throws(OperationFailure) in try removing(from: old) }
    }

    /// Throws what `store` would, as far as it can be told beforehand, and what firewalld's own check
    /// refuses.
    ///
    /// A file that this host's firewalld doesn't read may be for another firewalld.
    package func check(_ output: FirewalldExporter.Output) throws(OperationFailure) {
        do {
            try file.checkUpdate()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
        let proposal = try merging(output, into: read())
        guard path == Self.standardPath else { return }
        // Where it can't be run, our own check must do.
        if case .refused(let words) = OfflineCheck(of: proposal.change.bytes ?? []) {
            throw OperationFailure(.offlineCheckRefused(path, words: words))
        }
    }

    /// Puts the old content in the place of the new; why it could not, or nil.
    ///
    /// What somebody else wrote meanwhile stays.
    func putBack(_ old: [UInt8]?, insteadOf new: [UInt8]?) -> String? {
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

    /// Whether rules of ours are in the file, as far as it can be read.
    var isHoldingRules: Bool {
        (try? removing(from: read()))?.change.removed ?? 0 > 0
    }

    /// What is in the file; nil where there is none.
    package func read() throws(OperationFailure) -> [UInt8]? {
        do {
            return try file.read()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    /// The file with the rules; throws what firewalld would not load.
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

    /// The file without anything of ours.
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
