import Foundation
import Testing
import TproxyTestSupport

/// Failures while `direct.xml` is written: the old file stays whole, and the error names a remedy.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct StoreFaultTests {
    private static let foreign =
        "<direct>\n"
        + String(repeating: "  <!-- the admin's own words -->\n", count: 400) + "</direct>\n"

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tproxy-fault-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path)
    }

    private func export(_ scenario: String, to file: String) -> String {
        let folder = Scenario.root.appendingPathComponent("rulesets/\(scenario)").path
        return "\(Command.tproxy) export firewalld --output \(file)"
            + " --config \(folder)/tproxy.yaml --facts \(folder)/facts.json"
    }

    /// In a new mount namespace, with a small file system on `folder`.
    private func onSmallDisk(_ folder: String, _ script: String) async throws -> Command.Outcome {
        try await Command.run(
            "unshare",
            [
                "--mount", "sh", "-c",
                "mount -t tmpfs -o size=64k tmpfs \(folder) && cat > \(folder)/direct.xml && \(script)",
            ], input: Self.foreign)
    }

    @Test func fullDiskKeepsTheOldFile() async throws {
        try await withFolder { folder in
            let file = "\(folder)/direct.xml"
            let outcome = try await onSmallDisk(
                folder,
                """
                { cat /dev/zero > \(folder)/filler 2>/dev/null; \(export("everything", to: file)); \
                echo "exit $?"; ls -A \(folder); cat \(file); }
                """)
            #expect(
                outcome.output == "exit 1\ndirect.xml\nfiller\n" + Self.foreign,
                "\(outcome.output.prefix(300))")
            #expect(
                outcome.errors.contains("no space left for a copy in its directory"),
                "\(outcome.errors)")
            #expect(outcome.errors.contains("help: free disk space there"))
        }
    }

    @Test func readOnlyFileSystemIsNamed() async throws {
        try await withFolder { folder in
            let file = "\(folder)/direct.xml"
            let outcome = try await onSmallDisk(
                folder,
                """
                { mount -o remount,ro \(folder); \(export("default", to: file)); \
                echo "exit $?"; ls -A \(folder); cat \(file); }
                """)
            #expect(outcome.output == "exit 1\ndirect.xml\n" + Self.foreign)
            #expect(outcome.errors.contains("its file system is mounted read-only"))
            #expect(outcome.errors.contains("help: mount it writable"))
        }
    }

    @Test func directoryInPlaceOfTheFileIsRefused() async throws {
        try await withFolder { folder in
            let outcome = try await Command.run("sh", ["-c", export("default", to: folder)])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("it is a directory"))
            #expect(outcome.errors.contains("help: name a regular file"))
        }
    }

    /// Ended as soon as the temporary file exists, which is before the rename.
    @Test(arguments: ["INT", "KILL"])
    func signalBeforeTheRenameKeepsTheOldFile(signal: String) async throws {
        try await withFolder { folder in
            let file = "\(folder)/direct.xml"
            // Large enough that writing takes longer than detecting the file.
            let large =
                "<direct><!--" + String(repeating: "the admin's own words\n", count: 10_000)
                + "--></direct>"
            try large.write(toFile: file, atomically: false, encoding: .utf8)
            let outcome = try await Command.run(
                "bash",
                [
                    "-c",
                    """
                    # If the export was faster, try again with the old file.
                    cp '\(file)' '\(folder)/before'
                    trap "rm '\(folder)/before'" EXIT
                    for round in {1..20}; do
                        cp '\(folder)/before' '\(file)'
                        env --default-signal=INT \(export("default", to: file)) >/dev/null 2>&1 &
                        until compgen -G '\(folder)/.direct.xml.tproxy-*' >/dev/null; do
                            kill -0 $! 2>/dev/null || break
                        done
                        kill -\(signal) $! 2>/dev/null
                        wait $! 2>/dev/null
                        compgen -G '\(folder)/.direct.xml.tproxy-*' && exit 0
                    done
                    """,
                ])
            #expect(
                outcome.output.contains(".direct.xml.tproxy-"),
                "no export was ended before its rename")
            #expect(try String(contentsOfFile: file, encoding: .utf8) == large)
            let next = try await Command.run("sh", ["-c", export("default", to: file)])
            #expect(next.status == 0, "\(next.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["direct.xml"])
        }
    }

    /// Ended at many moments: the file is always one of the whole ones.
    @Test(arguments: ["INT", "KILL"])
    func signalAtAnyTimeLeavesAWholeFile(signal: String) async throws {
        try await withFolder { folder in
            let file = "\(folder)/direct.xml"
            var whole: Set<String> = [Self.foreign]
            for scenario in ["default", "everything"] {
                try Self.foreign.write(toFile: file, atomically: false, encoding: .utf8)
                _ = try await Command.run("sh", ["-c", export(scenario, to: file)])
                whole.insert(try String(contentsOfFile: file, encoding: .utf8))
            }
            #expect(whole.count == 3)
            // The last rounds end by themselves, however slow the machine is.
            let start = ContinuousClock.now
            _ = try await Command.run("sh", ["-c", export("default", to: file)])
            let duration = (ContinuousClock.now - start) / .seconds(1)
            var ended: Set<Int32> = []
            for round in 0..<40 {
                let command = export(round % 2 == 0 ? "default" : "everything", to: file)
                let run = try await Command.run(
                    "timeout",
                    [
                        "-s", signal, "\(duration * Double(round + 1) / 20)", "sh", "-c",
                        "exec \(command)",
                    ])
                ended.insert(run.status)
                #expect(whole.contains(try String(contentsOfFile: file, encoding: .utf8)))
            }
            #expect(ended.contains(0) && ended.count > 1, "\(ended)")
            let last = try await Command.run("sh", ["-c", export("default", to: file)])
            #expect(last.status == 0, "\(last.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["direct.xml"])
        }
    }

    /// Concurrent exports and removals, and an admin's tool that takes the same lock.
    @Test func concurrentExportsAndEditsLoseNothing() async throws {
        try await withFolder { folder in
            let file = "\(folder)/direct.xml"
            try Self.foreign.write(toFile: file, atomically: false, encoding: .utf8)
            try await withThrowingTaskGroup(of: Command.Outcome.self) { group in
                for number in 0..<12 {
                    let command =
                        switch number % 4 {
                        case 0: export("default", to: file)
                        case 1: export("everything", to: file)
                        case 2: "\(Command.tproxy) export firewalld --remove --output \(file)"
                        case _:
                            """
                            lock=\(folder)/.direct.xml.tproxy-lock
                            while exec 9>>$lock; flock 9; ! [ $lock -ef /proc/self/fd/9 ]; do :; done
                            sed -i 's|</direct>|<!-- line \(number) -->\\n&|' \(file)
                            rm $lock
                            """
                        }
                    group.addTask { try await Command.run("sh", ["-c", command]) }
                }
                for try await outcome in group { #expect(outcome.status == 0, "\(outcome.errors)") }
            }
            _ = try await Command.tproxy(["export", "firewalld", "--remove", "--output", file])
            let left = try String(contentsOfFile: file, encoding: .utf8)
            #expect(left.hasPrefix(Self.foreign.replacing("</direct>\n", with: "")))
            for number in [3, 7, 11] { #expect(left.contains("<!-- line \(number) -->")) }
            #expect(!left.contains("KUMA_MESH_"))
        }
    }
}
