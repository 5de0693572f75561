import Foundation
import LinuxHost
import Testing

/// Concurrent updates: no change is lost, and no reader sees half a file.
@Suite struct ConcurrencyTests {
    private let folder = TemporaryFolder()

    @Test func concurrentChangesAreAllKept() async throws {
        let file = HostFile(folder.path("log.xml"), timeout: .seconds(60))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for round in 0..<10 {
                        try file.update(defaultMode: 0o600) { old in
                            (old ?? []) + Array("\(writer)-\(round)\n".utf8)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let lines = Set(folder.text("log.xml")?.split(separator: "\n").map(String.init) ?? [])
        #expect(lines.count == 80)
        #expect(folder.names == ["log.xml"])
    }

    @Test func readersSeeWholeFilesOnly() async throws {
        let file = HostFile(folder.path("file.xml"))
        let contents = ["a", "b"].map { Array(String(repeating: $0, count: 100_000).utf8) }
        try file.update(defaultMode: 0o600) { _ in contents[0] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<50 {
                    try file.update(defaultMode: 0o600) { _ in contents[round % 2] }
                }
            }
            group.addTask {
                for _ in 0..<500 {
                    let bytes = try file.read()
                    #expect(bytes == contents[0] || bytes == contents[1])
                }
            }
            try await group.waitForAll()
        }
    }
}
