import FoundationEssentials
import PersistenceFiles

/// The file that this process runs.
enum ThisProgram {
    /// The path that a unit may name: the one it was called by, which a newer version will have too,
    /// and otherwise what the kernel says.
    static func path() throws(CommandFailure) -> String {
        let running = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        let called = candidates.first {
            URL(fileURLWithPath: $0).resolvingSymlinksInPath().path == running
        }
        let path = called ?? running
        do {
            return try LastingPath.resolve(path, for: .execute)
        } catch {
            throw CommandFailure(error.diagnostic(ofProgram: path))
        }
    }

    private static var candidates: [String] {
        let name = CommandLine.arguments.first ?? ""
        guard !name.contains("/") else { return [name] }
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return folders.split(separator: ":").map { "\($0)/\(name)" }
    }
}
