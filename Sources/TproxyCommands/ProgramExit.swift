import Glibc
import Synchronization

/// The end of the program: 0 done, 1 failed, 2 differs, 64 usage, and no exit code but ours.
///
/// libnftables calls exit(3) itself, with 2 when it gets no memory and 3 when it gets no socket; to our
/// callers 2 is "differs".
enum ProgramExit {
    private static let isOurs = Atomic(false)
    private static let message: StaticString = """
        error: a library ended the program: it could not get memory or a socket [ended-by-library]
        help: check the limits (ulimit -a), and the loaded rules with 'tproxy status'

        """

    /// Makes every exit(3) that isn't `end` one with status 1 and a message.
    static func guardAgainstLibraries() {
        atexit {
            guard !ProgramExit.isOurs.load(ordering: .relaxed) else { return }
            // No memory is needed for this.
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
