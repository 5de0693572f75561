import ArgumentParser
import TproxyConfig

/// The time within which `apply --confirm` has to be confirmed.
struct ConfirmationTime: ExpressibleByArgument {
    static let least = Duration.seconds(1)
    let duration: Duration

    /// Reads `60s` or `1m30s`, from one second to a day.
    init?(argument: String) {
        guard let duration = GoDuration.parse(argument), duration >= Self.least else { return nil }
        self.duration = duration
    }
}
