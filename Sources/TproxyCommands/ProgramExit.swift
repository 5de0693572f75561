import Glibc
import Synchronization

/// The end of the program with an exit code of ours, one of `ExitStatus`.
///
/// libnftables calls exit(3) itself, with 2 if it gets no memory and 3 if it gets no socket; our
/// callers would take 2 for "differs".
enum ProgramExit {
    private static let isOurs = Atomic(false)
    private static let message: StaticString = """
        error: a library ended the program: it could not get memory or a socket [ended-by-library]
        help: check the limits (ulimit -a), and the loaded rules with 'tproxy status'

        """

    /// Turns each exit(3) other than `end` into exit code 1 with a message.
    static func guardAgainstLibraries() {
        atexit {
            guard !ProgramExit.isOurs.load(ordering: .relaxed) else { return }
            // The message is static, since memory may be exhausted.
            let text = ProgramExit.message
            _ = unsafe write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
            _exit(1)
        }
    }

    static func end(_ code: Int32) -> Never {
        isOurs.store(true, ordering: .relaxed)
        exit(code)
    }
}
