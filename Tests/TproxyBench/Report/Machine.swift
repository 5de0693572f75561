import Glibc
import JSON

/// The machine and the programs of a run.
struct Machine: Hashable {
    var processor: String
    var processors: Int
    var kernel: String
    /// Programs and their versions.
    var versions: [String: String]
    /// The share of time in which other programs used the processors, shortly before the run.
    var busy: Double

    /// Other programs affect the figures.
    var isBusy: Bool { busy > 0.1 }

    init(_ setting: BenchSetting) throws(BenchError) {
        let model = try TextFile.read("/proc/cpuinfo").split(separator: "\n").first {
            $0.hasPrefix("model name")
        }
        processor = model?.split(separator: ":").last.map { Self.trimmed($0) } ?? "unknown"
        processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        kernel = Self.trimmed(try TextFile.read("/proc/sys/kernel/osrelease")[...])
        busy = try ProcessorTimes.busy(for: setting.isQuick ? 0.5 : 3)
        let workshop = try Workshop(limit: setting.limit)
        defer { workshop.remove() }
        versions = [:]
        for call in [
            ProgramCall(setting.program, ["--version"], output: workshop.path("tproxy")),
            try .installed("nft", ["--version"], output: workshop.path("nft")),
            try .installed("iptables-nft", ["--version"], output: workshop.path("iptables")),
        ] {
            try workshop.run(call)
            guard let output = call.output, let name = output.split(separator: "/").last else {
                continue
            }
            versions[String(name)] = Self.trimmed(try TextFile.read(output)[...])
        }
    }

    /// The peak memory of this process in bytes.
    static func ownPeak() throws(BenchError) -> Double {
        let line = try TextFile.read("/proc/self/status").split(separator: "\n").first {
            $0.hasPrefix("VmHWM:")
        }
        let number = line?.split(separator: " ").compactMap { Double($0) }.first
        return (number ?? 0) * 1024
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace = { (character: Character) in character.isWhitespace }
        let rest = text.drop(while: isSpace).reversed().drop(while: isSpace)
        return String(rest.reversed())
    }

    var lines: [String] {
        let programs = versions.sorted { $0.key > $1.key }.map { name, version in
            version.hasPrefix(name) ? version : "\(name) \(version)"
        }
        var lines = [
            "On \(processors) × \(processor), Linux \(kernel); \(programs.joined(separator: ", "))."
        ]
        if isBusy {
            lines.append(
                "The machine was busy (\(Int(busy * 100)) % of its processors, by others, before the "
                    + "run), so these figures say little.")
        }
        return lines
    }

    var json: JSONValue {
        [
            "processor": .string(processor), "processors": .number(processors),
            "kernel": .string(kernel), "busy": JSONValue(busy),
            "versions": .object(versions.mapValues { .string($0) }),
        ]
    }
}
