import Glibc
import JSON

/// Measures tproxy beside other ways to load the same rules: `make bench`.
@main
struct TproxyBench {
    /// Exit codes: 0 all bars met, 1 nothing measured, 2 a bar missed, 64 usage.
    static func main() {
        do throws(BenchError) {
            let setting = try BenchSetting(Array(CommandLine.arguments.dropFirst()))
            let report = try run(setting)
            try publish(report)
            exit(report.meetsAllBars ? 0 : 2)
        } catch {
            Terminal.note("error: \(error.text)")
            if case .usage = error {
                Terminal.note(BenchSetting.usage)
                exit(64)
            }
            exit(1)
        }
    }

    private static func run(_ setting: BenchSetting) throws(BenchError) -> Report {
        try Arena.requirePrivate()
        ProgramRun.prepare()
        var report = Report(
            setting: setting, date: Clock.date, machine: try Machine(setting), memoryFloor: 0)
        if report.machine.isBusy {
            Terminal.note("warning: the machine is busy; the figures will say little")
        }
        if setting.parts.contains(.applying) {
            report.applying = try ApplyingBench(setting: setting, progress: Terminal.note).run()
        }
        if setting.parts.contains(.dataplane) {
            report.dataPlane = try DataPlaneBench(
                setting: setting, unloadable: report.applying?.unloadable ?? [],
                progress: Terminal.note
            ).run()
        }
        if setting.parts.contains(.startup) {
            report.startUp = try StartUpBench(setting: setting, progress: Terminal.note).run()
        }
        if setting.parts.contains(.plugin) {
            report.plugin = try PluginBench(setting: setting, progress: Terminal.note).run()
        }
        if setting.parts.contains(.ebpf) {
            report.ebpf = try EBPFBench(setting: setting, progress: Terminal.note).run()
        }
        report.memoryFloor = try Machine.ownPeak()
        return report
    }

    /// Prints the tables, and writes the requested files.
    private static func publish(_ report: Report) throws(BenchError) {
        for section in report.sections { Terminal.result(section.lines) }
        if let path = report.setting.json {
            try TextFile.write(path, report.json.text(.indented) + "\n")
        }
        guard let path = report.setting.document else { return }
        var document = try TextFile.read(path)
        for section in report.sections where !section.isOfWhole || report.setting.isWhole {
            guard
                let changed = Document.replacing(
                    section.name, with: section.lines, in: document)
            else { throw .notAsExpected("\(path) has no block '\(section.name)'") }
            document = changed
        }
        try TextFile.write(path, document)
    }
}
