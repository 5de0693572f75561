import Glibc

/// Blocks the signals that end a program during a change of several steps.
///
/// Child processes don't receive them either: Ctrl-C goes to every process of a terminal. SIGKILL
/// and SIGQUIT still end the process at once.
package struct DeferredSignals {
    private static let numbers = [SIGINT, SIGTERM, SIGHUP]
    private let former: sigset_t

    package init() {
        var set = sigset_t()
        var former = sigset_t()
        unsafe sigemptyset(&set)
        for number in Self.numbers { unsafe sigaddset(&set, number) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, &former)
        self.former = former
    }

    /// Sleeps the calling thread; returns false at once if one of the signals is pending.
    ///
    /// A caller that only waits to retry then stops.
    package static func pause(for duration: Duration) -> Bool {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: duration)
        while !arePending, clock.now < end {
            LinuxHost.pause(for: min(.milliseconds(100), clock.now.duration(to: end)))
        }
        return !arePending
    }

    private static var arePending: Bool {
        var pending = sigset_t()
        guard unsafe sigpending(&pending) == 0 else { return false }
        return numbers.contains { unsafe sigismember(&pending, $0) == 1 }
    }

    /// Unblocks the signals; a pending one ends the program here.
    package func deliver() {
        var former = former
        unsafe pthread_sigmask(SIG_SETMASK, &former, nil)
    }
}
