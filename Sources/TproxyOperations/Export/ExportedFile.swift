import Diagnostics
import FaultPoints
import Glibc
package import LinuxHost
package import PersistenceFiles

/// A file on this host that tproxy exports.
package struct ExportedFile {
    package let path: String
    /// Whether `path` is the default path.
    package let isDefault: Bool
    /// Whether a foreign file is replaced, too.
    private let isForced: Bool

    package init(path: String, isDefault: Bool, isForced: Bool) {
        self.path = path
        self.isDefault = isDefault
        self.isForced = isForced
    }

    /// Writes `file`, unless a foreign file exists at the path.
    package func write(_ file: WrittenFile) throws(OperationFailure) -> HostFile.Outcome {
        try update { old throws(WrittenFile.Refusal) in
            try file.replacing(isForced ? nil : old)
        }
    }

    /// Creates the folder of tables if it is missing.
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

    /// Whether the file exists; throws if it is foreign.
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

    /// Deletes leftovers of a killed run beside a file that no longer exists.
    package func removeLeftovers() {
        HostFile(path, replacesOthers: isForced).removeLeftovers()
    }

    /// Deletes the file; throws if it is foreign.
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
            case .file(let error):
                throw OperationFailure(error.diagnostic(whenWriting: true))
            case .refused(let refusal): throw OperationFailure(refusal.diagnostic(of: path))
            }
        }
    }
}
