import Glibc

/// Signals by which people and service managers end a program, kept back while something is changed that
/// takes several steps.
///
/// Programs that are started meanwhile don't get them either: Ctrl-C goes to all of a terminal's.
/// SIGKILL and SIGQUIT end everything at once, as ever.
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

    /// Sleeps the calling thread; false, and at once, where one of them has been kept back.
    ///
    /// Who only waits to try again stops then.
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

    /// Lets them come; one that came already ends the program here.
    package func deliver() {
        var former = former
        unsafe pthread_sigmask(SIG_SETMASK, &former, nil)
    }
}
