import Addressing
import FirewalldExporter
import IptablesRules
import NftablesBackend
import RuleIR
import Synchronization

/// Invariants of every ruleset from the compiler or from a plan file.
enum RulesetInvariants {
    private static let version = "0"

    /// Rulesets that were checked: most inputs lead to the same few.
    private static let known = Mutex<Set<Ruleset>>([])

    static func check(_ ruleset: Ruleset) throws {
        guard !known.withLock({ $0.contains(ruleset) }) else { return }
        try checkAnew(ruleset)
        known.withLock { known in
            if known.count == 100 { known = [] }
            known.insert(ruleset)
        }
    }

    private static func checkAnew(_ ruleset: Ruleset) throws {
        guard let output = try emitted({ try NftablesEmitter(version: version).emit(ruleset) })
        else { return }
        try nftables(output)
        // iptables has a rule for each combination of members; their number is limited, and they
        // are slow.
        guard ruleset.combinations < 5000 else { return }
        if let output = try emitted({ try IptablesEmitter().emit(ruleset) }) {
            try iptables(output)
        }
        if let output = try emitted({ try FirewalldExporter(version: version).emit(ruleset) }) {
            try firewalld(output)
        }
    }

    /// The output of an emitter; nil if it can't express the ruleset and says so.
    private static func emitted<Output>(_ emit: () throws -> Output) throws -> Output? {
        do {
            return try emit()
        } catch let problem as RulesetProblem {
            switch problem {
            case .tooManyFlows, .tooManyRules, .inexpressible, .reservedChain,
                .unsupportedInstance:
                return nil
            case _: throw BrokenPromise("check() refuses what was compiled: \(problem)")
            }
        }
    }

    /// All rules that we would load are read as rules that the IR can express.
    private static func nftables(_ output: NftablesEmitter.Output) throws {
        for table in try NftListing.read(output.json).tables {
            for chain in table.chains {
                for case .native(let rule) in chain.entries {
                    throw BrokenPromise("our own rule can't be read: \(rule.text)")
                }
            }
        }
    }

    /// Every line is a heading, a chain, a rule or `COMMIT`.
    private static func iptables(_ output: IptablesEmitter.Output) throws {
        for document in output.documents.values {
            for line in document.split(separator: "\n") {
                let first = try ShellWords.split(line).first ?? ""
                try promise(
                    ["*", "-N", "-A", "-I", "COMMIT"].contains(first),
                    "a line that iptables-restore doesn't know: \(line)")
            }
        }
    }

    /// Storing into no file and removing again leaves nothing.
    private static func firewalld(_ output: FirewalldExporter.Output) throws {
        let merged = try DirectFile.merging(output, into: nil).bytes
        let fatal = try DirectFile.findings(in: merged).filter { $0.severity == .fatal }
        try promise(fatal.isEmpty, "firewalld refuses what we store: \(fatal)")
        try promise(
            try DirectFile.removing(from: merged).bytes == nil, "removal leaves elements of ours")
    }
}

extension DirectFile {
    fileprivate static func findings(in bytes: [UInt8]?) throws -> [DirectFinding] {
        try bytes.map { try DirectCheck.findings(in: $0) } ?? []
    }
}

extension Ruleset {
    /// An upper bound of the rules that iptables needs for one of ours.
    fileprivate var combinations: Int {
        sets.reduce(0) { sum, set in
            switch set.members {
            case .addresses(_, let members): sum + members.count
            case .ports(let members): sum + members.count
            case .ownedFlows(let members):
                members.reduce(sum) { $0 + $1.value.ports.count * $1.value.owners.count }
            }
        }
    }
}
