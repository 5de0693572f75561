import CLinux
import FaultPoints
import Glibc

/// A moment by CLOCK_BOOTTIME, which no program sets and which counts while the host is suspended.
package struct BootTime: Hashable, Comparable, Sendable {
    /// Since the host was started.
    package var nanoseconds: UInt64

    package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    package static var now: BootTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return BootTime(
            nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    package func advanced(by duration: Duration) -> BootTime {
        let (seconds, attoseconds) = duration.components
        return BootTime(
            nanoseconds: nanoseconds
                + UInt64(max(0, seconds)) * 1_000_000_000
                + UInt64(max(0, attoseconds)) / 1_000_000_000)
    }

    /// The whole seconds until this moment, rounded up; 0 if it has passed.
    package var secondsLeft: Int {
        let now = BootTime.now.nanoseconds
        return nanoseconds <= now ? 0 : Int((nanoseconds - now + 999_999_999) / 1_000_000_000)
    }

    package var hasPassed: Bool { self <= .now }

    package static func < (left: BootTime, right: BootTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

/// Wakes at a moment of CLOCK_BOOTTIME, or earlier for a file that is readable.
package struct BootTimer: ~Copyable {
    private let timer: Descriptor

    /// Sets the timer; throws the errno(3) value.
    package init(until deadline: BootTime) throws(ReadFailure) {
        let opened = systemCall(.timer) {
            clinux_boot_timer(
                Int64(deadline.nanoseconds / 1_000_000_000),
                Int64(deadline.nanoseconds % 1_000_000_000))
        }
        guard let timer = Descriptor(owning: opened) else { throw .system(code: errno) }
        self.timer = timer
    }

    /// Waits until the deadline, or until one of `others` is readable or its other end is gone.
    ///
    /// Returns the index of that one, nil at the deadline. Negative numbers are left out.
    package func wait(orFor others: [Int32]) -> Int? {
        var files = ([timer.number] + others).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while unsafe poll(&files, nfds_t(files.count), -1) < 0, errno == EINTR {}
        guard files[0].revents == 0 else { return nil }
        return files.dropFirst().firstIndex { $0.revents != 0 }.map { $0 - 1 }
    }
}
