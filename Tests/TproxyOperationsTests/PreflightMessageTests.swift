import Diagnostics
import Preflight
import Testing

@testable import TproxyOperations

/// What the preflight says of subjects that it could not read.
@Suite struct PreflightMessageTests {
    @Test(arguments: [
        ("it needs root", "run it as root to check everything"),
        (
            "root may not read a process here, as in a container or another PID namespace",
            "run it on the host, outside of containers, to check everything"
        ),
    ])
    func rootIsNotToldToBecomeRoot(reason: String, help: String) {
        let note = Diagnostic.notLookedAt([.init(.processes, because: reason)])
        #expect(note.message == "the preflight could not check the owners of sockets (\(reason))")
        #expect(note.help == help)
    }
}
