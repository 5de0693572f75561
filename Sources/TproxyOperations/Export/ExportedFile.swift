import Diagnostics
import FaultPoints
import Glibc
package import LinuxHost
package import PersistenceFiles

/// A file of ours on this host.
package struct ExportedFile {
    package let path: String
    /// Whether it is where it goes unless the user says otherwise.
    package let isDefault: Bool
    /// Whether a file of others gives way, too.
    private let isForced: Bool

    package init(path: String, isDefault: Bool, isForced: Bool) {
        self.path = path
        self.isDefault = isDefault
        self.isForced = isForced
    }

    /// Puts `file` there, unless something that isn't ours is.
    package func write(_ file: WrittenFile) throws(OperationFailure) -> HostFile.Outcome {
        try update { old throws(WrittenFile.Refusal) in
            try file.replacing(isForced ? nil : old)
        }
    }

    /// Makes the folder of tables, where there is none.
    package static func makeFolderOfTables() throws(OperationFailure) {
        let folder = NftablesFile.folder
        guard systemCall(.folderMake, { unsafe mkdir(folder, 0o755) }) != 0 else {
            _ = unsafe chmod(folder, 0o755)
            return
        }
        guard errno != EEXIST else { return }
        throw OperationFailure(
            .noFolder(folder, because: unsafe String(cString: strerror(errno))))
    }

    /// Whether there is such a file; throws when it isn't ours.
    package func isOurs() throws(OperationFailure) -> Bool {
        let found: [UInt8]?
        do throws(HostFileError) {
            found = try HostFile(path).read()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
        guard let found else { return false }
        do throws(WrittenFile.Refusal) {
            try WrittenFile.check(found)
        } catch {
            throw OperationFailure(error.diagnostic(of: path))
        }
        return true
    }

    /// Deletes what a killed run left beside a file that is gone.
    package func removeLeftovers() {
        _ = try? update { old throws(WrittenFile.Refusal) in old }
    }

    /// Takes the file away, if it is ours.
    package func remove() throws(OperationFailure) -> HostFile.Outcome {
        try update { old throws(WrittenFile.Refusal) in
            if let old { try WrittenFile.check(old) }
            return nil
        }
    }

    private func update(
        _ change: ([UInt8]?) throws(WrittenFile.Refusal) -> [UInt8]?
    ) throws(OperationFailure) -> HostFile.Outcome {
        do throws(HostFileUpdateError<WrittenFile.Refusal>) {
            return try HostFile(path, replacesOthers: isForced).update(defaultMode: 0o644, change)
        } catch {
            switch error {
            case .file(let error): throw OperationFailure(error.diagnostic)
            case .refused(let refusal): throw OperationFailure(refusal.diagnostic(of: path))
            }
        }
    }
}
