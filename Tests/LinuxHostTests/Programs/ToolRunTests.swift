import LinuxHost
import Testing

@Suite struct ToolRunTests {
    /// A program that never ends is killed, and its output is no result.
    @Test func programIsKilledAtItsTimeLimit() {
        do {
            _ = try ToolRun("/bin/sh", ["-c", "echo begun; while :; do :; done"], seconds: 1)
            Issue.record("it was not killed")
        } catch {
            guard case .lost(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains("by signal"))
        }
    }

    @Test func programWithinItsTimeLimitIsNotKilled() throws {
        #expect(try ToolRun("/bin/sh", ["-c", "echo done"], seconds: 1).output == "done\n")
    }
}
