import Glibc
package import RuleIR

/// The clock of the host.
package enum LoadClock {
    /// The present time; nil if the clock shows a year that has no four digits.
    package static var now: LoadTime? { time(at: Glibc.time(nil)) }

    /// The time after these seconds; nil as for `now`.
    package static func time(inSeconds seconds: Int) -> LoadTime? {
        time(at: Glibc.time(nil) + seconds)
    }

    /// The time that a document states: that of SOURCE_DATE_EPOCH, so that a build is reproducible
    /// (reproducible-builds.org), or the present.
    package static func stated(in environment: [String: String]) -> LoadTime? {
        environment["SOURCE_DATE_EPOCH"].flatMap { time_t($0) }.map { time(at: $0) } ?? now
    }

    private static func time(at seconds: time_t) -> LoadTime? {
        var seconds = seconds
        var parts = unsafe tm()
        guard unsafe gmtime_r(&seconds, &parts) != nil else { return nil }
        let date = unsafe [
            text(parts.tm_year + 1900, 4), text(parts.tm_mon + 1, 2), text(parts.tm_mday, 2),
        ]
        let hour = unsafe [
            text(parts.tm_hour, 2), text(parts.tm_min, 2), text(parts.tm_sec, 2),
        ]
        return LoadTime("\(date.joined(separator: "-"))T\(hour.joined(separator: ":"))Z")
    }

    private static func text(_ number: Int32, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
