/// Figures in the text format of OpenMetrics.
struct AgentMetrics {
    static let type = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    private var lines: [String] = []

    /// Adds a counter, whose samples get the suffix `_total`.
    mutating func counter(_ name: String, _ help: String, _ samples: [Sample]) {
        add(name, "counter", help, samples.map { $0.line(name + "_total") })
    }

    mutating func gauge(_ name: String, _ help: String, _ samples: [Sample]) {
        add(name, "gauge", help, samples.map { $0.line(name) })
    }

    /// The whole text.
    var text: String { lines.map { $0 + "\n" }.joined() + "# EOF\n" }

    private mutating func add(_ name: String, _ type: String, _ help: String, _ samples: [String]) {
        lines += ["# TYPE \(name) \(type)", "# HELP \(name) \(help)"] + samples
    }

    struct Sample {
        var labels: [(name: String, value: String)] = []
        var value: Int

        fileprivate func line(_ name: String) -> String {
            let texts = labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",")
            return "\(name)\(texts.isEmpty ? "" : "{\(texts)}") \(value)"
        }
    }
}
