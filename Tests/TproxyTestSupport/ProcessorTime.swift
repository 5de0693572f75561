import Glibc

/// The processor time that a thread uses; other work on the machine doesn't change it.
///
/// A reader whose time isn't linear in the size of its input uses minutes for an input that takes
/// others less than a second, also in a debug build.
package enum ProcessorTime {
    /// Runs `body` on this thread, and returns the seconds of processor time that it used.
    package static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = now
        try body()
        return now - start
    }

    private static var now: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
