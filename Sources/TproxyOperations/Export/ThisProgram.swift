import CLinux
import FoundationEssentials
import PersistenceFiles

/// The file that this process runs.
package enum ThisProgram {
    /// The path that a unit may name: the one it was called by, which a newer version will have too,
    /// and otherwise what the kernel says.
    package static func path() throws(OperationFailure) -> String {
        let running = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        let called = candidates.first {
            URL(fileURLWithPath: $0).resolvingSymlinksInPath().path == running
        }
        let path = called ?? running
        do {
            return try LastingPath.resolve(path, for: .execute)
        } catch {
            throw OperationFailure(error.diagnostic(ofProgram: path))
        }
    }

    private static var candidates: [String] {
        // The path that execve(2) was given, where a shell has looked through PATH already.
        guard let name = unsafe UnsafePointer<CChar>(bitPattern: getauxval(UInt(AT_EXECFN))) else {
            return []
        }
        return [unsafe String(cString: name)]
    }
}
