import Glibc
import Synchronization

/// The end of the program with an exit code of ours, one of `ExitStatus`.
///
/// libnftables calls exit(3) itself, with 2 if it gets no memory and 3 if it gets no socket; our
/// callers would take 2 for "differs".
enum ProgramExit {
    private static let isOurs = Atomic(false)
    /// Whether the run prints JSON.
    private static let isJSON = Atomic(false)
    private static let message: StaticString = """
        error: a library ended the program: it could not get memory or a socket [ended-by-library]
        help: check the limits (ulimit -a), and the loaded rules with 'tproxy status'

        """
    private static let document: StaticString = """
        {
          "diagnostics": [
            {
              "id": "ended-by-library",
              "message": "a library ended the program: it could not get memory or a socket",
              "notes": [],
              "remedy": "check the limits (ulimit -a), and the loaded rules with 'tproxy status'",
              "severity": "error"
            }
          ],
          "exitStatus": 1,
          "schema": "tproxy.failure/1"
        }

        """

    /// Turns each exit(3) other than `end` into exit code 1 with a message, as JSON if `isJSON`.
    static func guardAgainstLibraries(isJSON: Bool) {
        self.isJSON.store(isJSON, ordering: .relaxed)
        atexit {
            guard !ProgramExit.isOurs.load(ordering: .relaxed) else { return }
            // The message is static, since memory may be exhausted.
            let isJSON = ProgramExit.isJSON.load(ordering: .relaxed)
            let text = isJSON ? ProgramExit.document : ProgramExit.message
            _ = unsafe write(
                isJSON ? STDOUT_FILENO : STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
            _exit(1)
        }
    }

    static func end(_ code: Int32) -> Never {
        isOurs.store(true, ordering: .relaxed)
        exit(code)
    }
}
