import JSON

/// All that a run found.
struct Report {
    var setting: BenchSetting
    var date: String
    var machine: Machine
    /// The memory of this program, below which that of others can't be measured.
    var memoryFloor: Double
    var applying: ApplyingResults?
    var dataPlane: DataPlaneResults?
    var startUp: StartUpBench.Results?
    var plugin: PluginBench.Results?
    var ebpf: EBPFResults?

    /// A part of the run with its tables; the name is that of its block in the document.
    struct Section {
        var name: String
        var lines: [String]
        /// Whether only a whole run gives it meaning.
        var isOfWhole = false
    }

    var bars: [Bar] {
        let bars =
            (applying.map { ApplyingBars(results: $0, limit: setting.limit).all } ?? [])
            + (dataPlane?.bars ?? []) + (startUp?.fixed.bars ?? []) + (plugin?.bars ?? [])
            + (ebpf?.bars ?? [])
        return bars.sorted { $0.name < $1.name }
    }

    var sections: [Section] {
        var sections: [Section] = []
        if let applying {
            let tables = ApplyingTables(
                results: applying, limit: setting.limit, floor: memoryFloor)
            sections.append(section("applying", tables.all))
            sections.append(
                section("change", [ChangeTable(results: applying).table, tables.messages]))
        }
        if let dataPlane { sections.append(section("dataplane", dataPlane.tables)) }
        if let startUp { sections.append(section("startup", startUp.tables)) }
        if let plugin { sections.append(section("plugin", plugin.tables)) }
        if let ebpf { sections.append(section("ebpf", ebpf.tables)) }
        if !bars.isEmpty {
            var last = section("bars", [Bar.table(bars)])
            last.isOfWhole = true
            sections.append(last)
        }
        return sections
    }

    private func section(_ name: String, _ tables: [Table]) -> Section {
        var lines = ["`\(setting.command)` of \(date):"] + machine.lines.flatMap { ["", $0] }
        for table in tables { lines += [""] + table.lines }
        return Section(name: name, lines: lines)
    }

    var json: JSONValue {
        .members([
            "schema": .string("tproxy.bench/1"), "command": .string(setting.command),
            "date": .string(date), "machine": machine.json, "memoryFloor": JSONValue(memoryFloor),
            "applying": applying?.json, "dataPlane": dataPlane?.json,
            "startUp": startUp?.json, "plugin": plugin?.json,
            "ebpf": ebpf?.json,
            "bars": .array(bars.map(\.json)),
        ])
    }

    /// Whether no bar is missed; an unmeasured one isn't missed.
    var meetsAllBars: Bool { bars.allSatisfy { $0.isMet != false } }
}
