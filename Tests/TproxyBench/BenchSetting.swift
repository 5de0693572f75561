/// What is measured, and how often.
struct BenchSetting: Hashable {
    enum Part: String, CaseIterable {
        case applying
        case dataplane
        case startup
        case plugin
        case ebpf
    }

    var parts: [Part] = Part.allCases
    var isQuick = false
    /// The numbers of exclusions.
    var sizes = [0, 10, 1000, 10_000, 100_000]
    var pace = Pace(rounds: 41, fewest: 3, seconds: 40)
    /// The most seconds that one case may take; a longer one is stopped.
    var limit = 120.0
    /// How often a round of the data plane measures all rules.
    var laps = 6
    /// The amount of one kind of traffic under one ruleset in a lap.
    ///
    /// Each destination has two uncounted connections first.
    var effort = Traffic.Effort(
        seconds: 0.05, most: 400, warmUp: 2 * ExclusionList.gaps.count)
    /// The program under test.
    var program = ".build/release/tproxy"
    /// The CNI plugin under test.
    var plugin = ".build/release/tproxy-cni"
    /// The file of host facts.
    var facts = "rulesets/default/facts.json"
    /// The file for the report as JSON.
    var json: String?
    /// The document whose generated blocks are replaced.
    var document: String?

    /// Whether everything is measured.
    var isWhole: Bool { Set(parts) == Set(Part.allCases) }

    /// The command for the same run.
    var command: String {
        var words = ["make bench"]
        if !isWhole {
            words.append("BENCH=\(parts.map(\.rawValue).joined(separator: ","))")
        }
        if isQuick { words.append("QUICK=1") }
        return words.joined(separator: " ")
    }

    static let usage = """
        usage: TproxyBench [PART,...] [--quick] [--json FILE] [--document FILE]
                           [--program FILE] [--plugin FILE] [--facts FILE] [--sizes N,...] [--rounds N]
        parts: applying, dataplane, startup, plugin, ebpf
        """

    init() {}

    /// Parses the words of a command line.
    init(_ words: [String]) throws(BenchError) {
        var rest = words[...]
        var rounds: Int?
        func value(_ option: String) throws(BenchError) -> String {
            guard let value = rest.popFirst() else { throw .usage("\(option) needs a value") }
            return value
        }
        while let word = rest.popFirst() {
            switch word {
            case "--quick": isQuick = true
            case "--json": json = try value(word)
            case "--document": document = try value(word)
            case "--program": program = try value(word)
            case "--plugin": plugin = try value(word)
            case "--facts": facts = try value(word)
            case "--sizes": sizes = try Self.numbers(try value(word), upTo: ExclusionList.most)
            case "--rounds": rounds = try Self.numbers(try value(word), upTo: 1000).first
            default: parts = try Self.parts(word)
            }
        }
        if isQuick {
            pace = Pace(rounds: 5, fewest: 1, seconds: 5)
            limit = 30
            laps = 4
            effort.seconds = 0.02
            effort.most = 200
        }
        if let rounds {
            pace.rounds = max(rounds, 1)
            pace.fewest = min(pace.fewest, pace.rounds)
        }
    }

    private static func numbers(_ text: String, upTo most: Int) throws(BenchError) -> [Int] {
        var numbers: [Int] = []
        for item in text.split(separator: ",") {
            guard let number = Int(item), (0...most).contains(number) else {
                throw .usage("'\(item)' isn't a number up to \(most)")
            }
            numbers.append(number)
        }
        return numbers
    }

    private static func parts(_ text: String) throws(BenchError) -> [Part] {
        var parts: [Part] = []
        for item in text.split(separator: ",") {
            guard let part = Part(rawValue: String(item)) else {
                throw .usage("there is no part '\(item)'")
            }
            parts.append(part)
        }
        return parts
    }
}
