import Diagnostics
import HostFiles
import PersistenceFiles

/// A file of ours on this host.
struct ExportedFile {
    let path: String
    /// Whether it is where it goes unless the user says otherwise.
    let isDefault: Bool
    /// Whether a file of others gives way, too.
    let isForced: Bool

    /// Puts `file` there, unless something that isn't ours is, and says so.
    func write(_ file: WrittenFile) throws(CommandFailure) {
        let outcome = try update { old throws(WrittenFile.Refusal) in
            try file.replacing(isForced ? nil : old)
        }
        switch outcome {
        case .created, .deleted: Console.result("wrote \(VisibleText.of(path))")
        case .replaced: Console.result("replaced \(VisibleText.of(path))")
        case .unchanged: Console.result("unchanged: \(VisibleText.of(path))")
        }
    }

    /// Whether there is such a file; throws when it isn't ours.
    func isOurs() throws(CommandFailure) -> Bool {
        let found: [UInt8]?
        do throws(HostFileError) {
            found = try HostFile(path).read()
        } catch {
            throw CommandFailure(error.diagnostic)
        }
        guard let found else { return false }
        do throws(WrittenFile.Refusal) {
            try WrittenFile.check(found)
        } catch {
            throw CommandFailure(error.diagnostic(of: path))
        }
        return true
    }

    /// Deletes what a killed run left beside a file that is gone.
    func removeLeftovers() {
        _ = try? update { old throws(WrittenFile.Refusal) in old }
    }

    /// Takes the file away, if it is ours, and says so.
    func remove() throws(CommandFailure) {
        let outcome = try update { old throws(WrittenFile.Refusal) in
            if let old { try WrittenFile.check(old) }
            return nil
        }
        Console.result(
            outcome == .deleted ? "removed \(VisibleText.of(path))" : "nothing to remove")
    }

    private func update(
        _ change: ([UInt8]?) throws(WrittenFile.Refusal) -> [UInt8]?
    ) throws(CommandFailure) -> HostFile.Outcome {
        do throws(HostFileUpdateError<WrittenFile.Refusal>) {
            return try HostFile(path, replacesOthers: isForced).update(defaultMode: 0o644, change)
        } catch {
            switch error {
            case .file(let error): throw CommandFailure(error.diagnostic)
            case .refused(let refusal): throw CommandFailure(refusal.diagnostic(of: path))
            }
        }
    }
}
