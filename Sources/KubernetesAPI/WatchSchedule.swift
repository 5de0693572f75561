/// When the agent asks the API server for what.
///
/// Agents that start together, as after a power failure, must not list together: the first list
/// comes after a random part of `spread`. So does a list that the server asks for, which all
/// agents need at the same time. After a failure, the agent waits longer each time.
package struct WatchSchedule: Sendable {
    package enum Step: Hashable, Sendable {
        /// All pods; if `isConsistent`, the newest state instead of that of the server's cache.
        case list(isConsistent: Bool)
        /// Changes since a resource version.
        case watch(since: String)
    }

    /// The longest wait after failures.
    package static let longestWait = Duration.seconds(60)
    /// Failures after which a resource version isn't tried again.
    private static let triesOfAVersion = 4

    package let spread: Duration
    package private(set) var failures = 0
    private var version: String?
    /// Whether the server has refused the version of a list that came from its cache.
    private var needsConsistency = false
    private var hasProgressed = false

    package init(spread: Duration) { self.spread = spread }

    package var step: Step {
        version.map { .watch(since: $0) } ?? .list(isConsistent: needsConsistency)
    }

    /// The wait before the first request.
    package func firstWait(_ random: inout some RandomNumberGenerator) -> Duration {
        Self.part(of: spread, &random)
    }

    /// A list is complete.
    package mutating func listed(_ version: String) -> Duration {
        self.version = version
        failures = 0
        hasProgressed = false
        return .zero
    }

    /// The watch has reported something.
    package mutating func progressed(to version: String) {
        self.version = version
        failures = 0
        hasProgressed = true
        needsConsistency = false
    }

    /// The server has ended the watch, as it does every few minutes.
    package mutating func ended(_ random: inout some RandomNumberGenerator) -> Duration {
        failures = 0
        return Self.part(of: .seconds(1), &random)
    }

    /// The server no longer knows the version (410).
    package mutating func expired(_ random: inout some RandomNumberGenerator) -> Duration {
        version = nil
        // The cache's own version has expired: only the newest state helps.
        needsConsistency = !hasProgressed
        hasProgressed = false
        return Self.part(of: spread, &random)
    }

    /// A request has failed.
    package mutating func failed(_ random: inout some RandomNumberGenerator) -> Duration {
        failures += 1
        if failures >= Self.triesOfAVersion { version = nil }
        let longest = min(Self.longestWait, .seconds(1 << min(failures, 6)))
        // All agents that have lost the server give up their versions at the same time.
        let isListing = failures >= Self.triesOfAVersion
        let range = isListing ? max(longest / 2, min(spread, Self.longestWait)) : longest / 2
        return min(longest / 2, Self.longestWait - range) + Self.part(of: range, &random)
    }

    private static func part(
        of duration: Duration, _ random: inout some RandomNumberGenerator
    ) -> Duration {
        duration * Double.random(in: 0..<1, using: &random)
    }
}
