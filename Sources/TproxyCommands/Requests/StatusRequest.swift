import ArgumentParser
import RuleIR
import TproxyOperations

/// The arguments of `status`.
struct StatusRequest: PlainRequest {
    var instance: InstanceName
    var programs: IptablesPrograms
    var output: OutputFormat

    func run() throws {
        let status = try Status(of: instance, programs.backends())
        Console.report(status.doubts)
        if output == .json, status.loaded.isEmpty {
            try Console.document(
                NothingLoadedReport(
                    instance: instance.text,
                    confirmation: status.pending.map { ConfirmationReport($0) }))
        }
        if output == .text, status.loaded.isEmpty, let pending = status.pending {
            Console.result(pending.words)
        }
        let installed = try status.installed()
        Console.report(status.problems)
        let report = StatusReport(
            installed, try status.details(), status.standings,
            alsoLoaded: status.loaded.dropFirst().map(\.name), pending: status.pending)
        switch output {
        case .text: Console.page(report.text)
        case .json: try Console.document(report)
        }
        guard status.isAsApplied else { throw ExitStatus.differs.code }
    }
}

extension StatusRequest {
    static let plainOptions: [(name: String, kind: PlainWords.Kind)] =
        [
            ("--instance", .value), ("--iptables-executables", .list), ("--output", .value),
        ] + PlainWords.screenOptions

    init?(_ words: PlainWords) {
        guard let output = words.output, let instance = words.instance,
            words.areScreenOptionsValid
        else { return nil }
        self.instance = instance
        self.output = output
        programs = words.programs
    }
}
