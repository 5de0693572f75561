import LinuxHost
import Review
import RuleIR
import RulesetDiff
import TproxyOperations

/// The result of `status` as JSON if no rules are loaded.
struct NothingLoadedReport: JSONReport {
    static let schema = StatusReport.schema

    var isLoaded = false
    var instance: String
    var confirmation: ConfirmationReport?
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

    /// A map of eBPF programs, with the bytes of kernel memory that it takes.
    struct Map: Encodable {
        var name: String
        var memory: UInt64
    }

    /// A port of the proxy.
    struct Listener: Encodable {
        var transport: String
        var port: UInt16
        var listening: Bool
    }

    private enum CodingKeys: String, CodingKey {
        case isLoaded, name, version, loadedAt, digest, intact, irregularity, submission
        case loopbackAddress, loopbackAddressStanding, alsoLoaded, precededBy, listeners, summary
        case hooks, counters, maps, confirmation
    }

    private let details: StatusDetails
    private let loadedWords: String?

    var isLoaded = true
    var name: String
    var version: String
    /// The time of the load; absent for rules of earlier versions and those of a file.
    var loadedAt: String?
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
    /// Descriptions of foreign rules that see packets first.
    var precededBy: [String]
    /// The ports that rules redirect to; absent if unknown.
    var listeners: [Listener]?
    /// The loaded rules in words; absent if they aren't a plan's, or have no comments.
    var summary: [String]?
    var hooks: [Hook]
    var counters: [Counter]
    /// Absent for other backends than eBPF.
    var maps: [Map]?
    /// A change that waits for confirmation.
    var confirmation: ConfirmationReport?
    private let pending: PendingChange?

    init(
        _ installed: InstalledRuleset, _ details: StatusDetails,
        _ standings: [HostPrerequisite: HostPrerequisite.Standing],
        alsoLoaded others: [BackendName], pending: PendingChange?
    ) {
        self.pending = pending
        confirmation = pending.map { ConfirmationReport($0) }
        loopbackAddress = ReportedPrerequisites(installed.ownedPrerequisites).loopbackAddress
        for (prerequisite, standing) in standings {
            switch prerequisite {
            case .address: loopbackAddressStanding = standing.rawValue
            }
        }
        alsoLoaded = others.isEmpty ? nil : others.map(\.text)
        self.details = details
        loadedAt = installed.loadedAt?.description
        loadedWords = installed.loadedAt?.words
        precededBy = details.preceding.map(\.words)
        listeners = details.listeners?.map {
            Listener(transport: $0.transport, port: $0.port, listening: $0.isListening)
        }
        summary = details.summary?.sentences
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
        maps =
            installed.maps.isEmpty
            ? nil : installed.maps.map { Map(name: $0.name, memory: $0.memory) }
    }

    var text: ReportText {
        var report = ReportText()
        report.add(name, .heading)
        report.add(
            "loaded by tproxy \(version)" + (loadedWords.map { " at \($0)" } ?? "")
                + (submission.map { ", through \($0.rawValue)" } ?? "")
                + (digest.isEmpty ? "" : ", digest \(digest.prefix(12))"))
        report.add(
            intact
                ? Span("intact: the rules are as applied", .good)
                : Span(irregularity?.alarm ?? "CHANGED BY HAND since it was applied", .alarming))
        if let pending { report.add(Span(pending.words, .alarming)) }
        addForce(to: &report)
        addListeners(to: &report)
        addMemory(to: &report)
        if let loopbackAddress {
            report.add("added \(loopbackAddress)")
        }
        addCounters(to: &report)
        addExclusions(to: &report)
        return report
    }

    /// Adds whether foreign rules see packets first.
    private func addForce(to report: inout ReportText) {
        switch irregularity {
        case .dormant, .interruptedLoad:
            report.add(Span("NOT IN FORCE", .alarming))
            return
        case .owned, nil: break
        }
        guard !hooks.contains(where: { $0.type == "cgroup" }) else {
            report.add(Span("in force on the sockets of the cgroup and of this namespace", .good))
            return
        }
        guard !precededBy.isEmpty else {
            let hooks = Set(hooks.map(\.hook)).sorted().joined(separator: " and ")
            report.add(
                hooks.isEmpty
                    ? Span("NOT IN FORCE: no rule is on a hook", .alarming)
                    : Span("in force on \(hooks): no other NAT rule precedes it", .good))
            return
        }
        for words in precededBy { report.add(Span("PRECEDED: \(words)", .alarming)) }
    }

    private func addListeners(to report: inout ReportText) {
        guard let listeners, !listeners.isEmpty else { return }
        func names(_ isListening: Bool) -> [String] {
            listeners.filter { $0.listening == isListening }.map { "\($0.transport) \($0.port)" }
        }
        let missing = names(false)
        let found = names(true)
        var line: [Span] = []
        if !found.isEmpty {
            line.append(Span("proxy listening on \(found.joined(separator: ", "))", .good))
        }
        if !missing.isEmpty {
            line.append(
                Span(
                    (found.isEmpty ? "proxy " : "; ")
                        + "NOT LISTENING on \(missing.joined(separator: ", "))", .alarming))
        }
        report.add(line)
    }

    /// Adds the memory of all maps, and names the largest.
    private func addMemory(to report: inout ReportText) {
        guard let maps, let largest = maps.max(by: { $0.memory < $1.memory }) else { return }
        let total = maps.reduce(0) { $0 + $1.memory }
        report.add(
            "maps of \(Self.megabytes(total)) MB, of which \(largest.name) has "
                + "\(Self.megabytes(largest.memory)) MB")
    }

    /// Millions of bytes, with one decimal.
    private static func megabytes(_ bytes: UInt64) -> String {
        let tenths = (bytes + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// Adds the packets by the plan's rules; those without packets are one line.
    private func addCounters(to report: inout ReportText) {
        report.addBlankLine()
        guard let counters = details.counters else {
            // Not the rules of a plan: as they are listed.
            report.add(
                TextTable(
                    header: ["HOOK", "PRIORITY", "TYPE", "CHAIN"],
                    rows: hooks.map { [$0.hook, "\($0.priority)", $0.type, $0.chain] }))
            report.addBlankLine()
            report.add(
                TextTable(
                    header: ["PACKETS", "BYTES", "CHAIN", "RULE"],
                    rows: self.counters.map {
                        ["\($0.packets)", "\($0.bytes)", $0.chain, $0.rule]
                    }))
            return
        }
        let words = RuleMessages(
            ruleset: Ruleset(instance: .mesh, families: [], sets: details.sets))
        let used = counters.filter { $0.packets > 0 }
        if !used.isEmpty {
            report.add(
                TextTable(
                    header: ["PACKETS", "BYTES", "CHAIN", "RULE"],
                    rows: used.map {
                        ["\($0.packets)", "\($0.bytes)", $0.line.list, $0.line.text(words)]
                    }))
        }
        let unused = counters.count - used.count
        guard unused > 0 else { return }
        let rules = unused == 1 ? "1 rule" : "\(unused) rules"
        report.add(
            used.isEmpty ? "no packet has matched a rule" : "\(rules) without packets", .aside)
    }

    private func addExclusions(to report: inout ReportText) {
        guard let exclusions = details.summary?.exclusions, !exclusions.isEmpty else { return }
        report.addBlankLine()
        report.add("exclusions in effect", .heading)
        for (traffic, exceptions) in exclusions {
            report.add(
                "  \(traffic): \(exceptions.map(\.text).joined(separator: ", "))", hanging: 4)
        }
    }
}

extension LoadedPlan.Line {
    /// The reason and the key; without comments, the rule itself.
    fileprivate func text(_ words: RuleMessages) -> String {
        if let rationale { return rationale.words }
        let rule = Rule(matches, then: action, because: Rationale("", key: ""))
        return "\(words.condition(matches)): \(words.actionWords(rule, isBase: isBase))"
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
