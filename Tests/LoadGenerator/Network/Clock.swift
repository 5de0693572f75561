import Glibc

/// The monotonic clock, without the cost of `ContinuousClock.Instant`'s 128 bits.
enum Clock {
    /// Nanoseconds since an unspecified time.
    struct Time: Comparable, Sendable {
        var nanoseconds: UInt64

        /// Is never reached.
        static let max = Self(nanoseconds: .max)

        static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

        static func + (time: Self, nanoseconds: UInt64) -> Self {
            Self(nanoseconds: time.nanoseconds + nanoseconds)
        }

        /// 0 when `other` is later.
        func nanoseconds(after other: Self) -> UInt64 {
            nanoseconds > other.nanoseconds ? nanoseconds - other.nanoseconds : 0
        }
    }

    static var now: Time {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Time(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}
