import LinuxHost
import Testing

@Suite struct ToolRunTests {
    /// A program that never ends is ended, and nothing that it printed is taken for a result.
    @Test func aProgramUsesNoMoreTimeThanItMay() {
        do {
            _ = try ToolRun("/bin/sh", ["-c", "echo begun; while :; do :; done"], seconds: 1)
            Issue.record("it ended by itself")
        } catch {
            guard case .lost(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains("by signal"))
        }
    }

    @Test func aProgramThatIsQuickerIsNotTouched() throws {
        #expect(try ToolRun("/bin/sh", ["-c", "echo done"], seconds: 1).output == "done\n")
    }
}
