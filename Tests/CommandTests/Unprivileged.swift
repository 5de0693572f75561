import Foundation
import TproxyTestSupport

/// Runs the program under test as a user without privileges.
enum Unprivileged {
    private static let nobody = "65534"

    private static let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent(
            "tproxy-unprivileged-\(ProcessInfo.processInfo.processIdentifier)")

    /// A copy, because other users may not read the checkout; it is deleted when the tests end.
    private static let binary: String = {
        let copy = folder.appendingPathComponent("tproxy")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try? FileManager.default.copyItem(atPath: Command.tproxy, toPath: copy.path)
        atexit { try? FileManager.default.removeItem(at: Unprivileged.folder) }
        return copy.path
    }()

    static func tproxy(_ arguments: [String], input: String = "") async throws -> Command.Outcome {
        guard getuid() == 0 else {
            return try await Command.run(binary, arguments, input: input, in: "/")
        }
        return try await Command.run(
            "setpriv",
            ["--reuid", nobody, "--regid", nobody, "--clear-groups", "--inh-caps=-all", binary]
                + arguments, input: input, in: "/")
    }
}
