import Foundation
import TproxyTestSupport

/// A folder that replaces /usr/sbin, which is searched first for programs.
///
/// It holds the real programs, except for the fakes; `real` has the originals of those.
struct FakePrograms {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        for name in ["real", "sbin", "fake"] {
            try FileManager.default.createDirectory(
                atPath: folder.path(of: name), withIntermediateDirectories: false)
        }
    }

    /// Where the real programs are while a fake runs.
    var real: String { folder.path(of: "real") }

    /// The path of another file in the folder.
    func path(of name: String) -> String { folder.path(of: name) }

    /// Replaces a program with a shell script.
    func add(_ name: String, _ script: String) throws {
        let path = folder.path(of: "fake/\(name)")
        try "#!/bin/sh\n\(script)\n".write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    /// Runs a command with the fakes in /usr/sbin, in a new mount namespace.
    func run(
        _ sandbox: Sandbox, _ command: [String], input: String = "", in directory: String? = nil
    ) async throws -> Command.Outcome {
        let script = """
            set -e
            mount --bind /usr/sbin "$FAKES/real"
            ln -sf "$FAKES"/real/* "$FAKES/sbin/"
            (cd "$FAKES/fake" && rm -f $(printf '../sbin/%s ' *) && cp * ../sbin/)
            mount --bind "$FAKES/sbin" /usr/sbin
            exec "$@"
            """
        return try await sandbox.run(
            "unshare", ["--mount", "sh", "-c", script, "sh"] + command,
            environment: ["FAKES": folder.url.path], input: input, in: directory)
    }
}
