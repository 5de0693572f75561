import LinuxHost
import RuleIR
import TproxyOperations

/// The result of `status` as JSON if no rules are loaded.
struct NothingLoadedReport: JSONReport {
    static let schema = StatusReport.schema

    var isLoaded = false
    var instance: String
}

/// The result of `status`.
struct StatusReport: JSONReport {
    static let schema = "tproxy.status/2"

    struct Hook: Encodable {
        var chain: String
        var type: String
        var hook: String
        var priority: Int
    }

    struct Counter: Encodable {
        var chain: String
        var rule: String
        var packets: UInt64
        var bytes: UInt64
    }

    var isLoaded = true
    var name: String
    var version: String
    var digest: String
    var intact: Bool
    /// Another cause why the rules aren't in force as loaded.
    var irregularity: InstalledRuleset.Irregularity?
    /// `libnftables` or `netlink`; absent for iptables and rules of earlier versions.
    var submission: Submission?
    var loopbackAddress: String?
    /// `lasting`, `passing` or `missing`.
    var loopbackAddressStanding: String?
    /// The other backends that have rules loaded.
    var alsoLoaded: [String]?
    var hooks: [Hook]
    var counters: [Counter]

    init(
        _ installed: InstalledRuleset,
        _ standings: [HostPrerequisite: HostPrerequisite.Standing],
        alsoLoaded others: [BackendName]
    ) {
        loopbackAddress = ReportedPrerequisites(installed.ownedPrerequisites).loopbackAddress
        for (prerequisite, standing) in standings {
            switch prerequisite {
            case .address: loopbackAddressStanding = standing.rawValue
            }
        }
        alsoLoaded = others.isEmpty ? nil : others.map(\.text)
        name = installed.name
        version = installed.version
        digest = installed.digest
        intact = installed.isIntact
        irregularity = installed.irregularity
        submission = installed.submission
        hooks = installed.hooks.map {
            Hook(chain: $0.chain, type: $0.type, hook: $0.hook, priority: $0.priority)
        }
        counters = installed.counters.map {
            Counter(chain: $0.chain, rule: $0.comment, packets: $0.packets, bytes: $0.bytes)
        }
    }

    var text: ReportText {
        var report = ReportText()
        report.add(name, .heading)
        report.add(
            "loaded by tproxy \(version)"
                + (submission.map { ", submitted through \($0.rawValue)" } ?? ""))
        report.add([
            Span(digest.isEmpty ? "no rules yet, " : "digest \(digest), "),
            intact
                ? Span("as applied", .good)
                : Span(irregularity?.alarm ?? "CHANGED BY HAND since it was applied", .alarming),
        ])
        if let loopbackAddress {
            report.add("added \(loopbackAddress)")
        }
        report.addBlankLine()
        report.add(
            TextTable(
                header: ["HOOK", "PRIORITY", "TYPE", "CHAIN"],
                rows: hooks.map { [$0.hook, "\($0.priority)", $0.type, $0.chain] }))
        report.addBlankLine()
        report.add(
            TextTable(
                header: ["PACKETS", "BYTES", "CHAIN", "RULE"],
                rows: counters.map { ["\($0.packets)", "\($0.bytes)", $0.chain, $0.rule] }))
        return report
    }
}

extension InstalledRuleset.Irregularity {
    /// The text that `status` prints instead of "as applied".
    fileprivate var alarm: String {
        switch self {
        case .dormant: "DORMANT: the kernel runs none of the rules (flags dormant)"
        case .owned: "OWNED by another process (flags owner); no other process can change it"
        case .interruptedLoad:
            "INTERRUPTED: sets are loaded without their rules; run apply or remove"
        }
    }

    /// The text that `diff` prints.
    var words: String {
        switch self {
        case .dormant: "the table is dormant: the kernel runs none of its rules"
        case .owned: "another process owns the table"
        case .interruptedLoad:
            "a load was interrupted: sets are loaded without their rules"
        }
    }
}
