import Glibc

/// SIGTERM and SIGINT, which end a run early: nothing more is sent, and the report is printed.
enum StopSignal {
    private static let numbers = [SIGTERM, SIGINT]

    /// Blocks them, so that they stay pending for `hasCome`.
    static func block() {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in numbers { unsafe sigaddset(&set, number) }
        unsafe sigprocmask(SIG_BLOCK, &set, nil)
    }

    static var hasCome: Bool {
        var set = sigset_t()
        guard unsafe sigpending(&set) == 0 else { return false }
        return numbers.contains { unsafe sigismember(&set, $0) == 1 }
    }
}
