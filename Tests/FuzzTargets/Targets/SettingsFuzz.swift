import HostFacts
import TproxyConfig

extension FuzzTarget {
    /// Flags and environment variables: records that end in NUL, as in /proc/PID/environ.
    ///
    /// One that begins with `--` is a flag with its value after `=`; any other is `NAME=VALUE`.
    static let settings = FuzzTarget(name: "settings") { bytes in
        var environment: [String: String] = [:]
        var flags: [FlagValue] = []
        for record in bytes.split(separator: 0) {
            guard let text = Array(record).text else { continue }
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let value = parts.count > 1 ? String(parts[1]) : "true"
            guard name.hasPrefix("--") else {
                environment[name] = value
                continue
            }
            if let index = flags.firstIndex(where: { $0.name == name }) {
                flags[index].values.append(value)
            } else {
                flags.append(FlagValue(name: name, values: [value]))
            }
        }
        try ConfigurationInvariants.check(
            ConfigurationLoader.load(files: [], environment: environment, flags: flags),
            on: HostFacts())
    }
}
