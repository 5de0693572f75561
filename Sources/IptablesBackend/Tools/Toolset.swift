import Addressing
import LinuxHost
import RuleIR
import TextSearch

/// The programs of one flavour for one family.
struct Toolset: Hashable, Sendable {
    let flavour: IptablesFlavour
    let family: AddressFamily
    let save: String
    let restore: String

    /// Finds the programs; nil if this flavour isn't installed.
    ///
    /// `paths` names programs that the user chose. Returns nil if they are of the other flavour,
    /// and throws `.unsupported` if they can't be used.
    static func find(
        _ flavour: IptablesFlavour, _ family: AddressFamily, paths: [String: String] = [:]
    ) throws(BackendError) -> Toolset? {
        let base = family == .ipv4 ? "iptables" : "ip6tables"
        if let program = paths[base], let save = paths["\(base)-save"],
            let restore = paths["\(base)-restore"]
        {
            let chosen = try Self.flavour(ofChosen: [program, save, restore])
            guard chosen == flavour else { return nil }
            return Toolset(flavour: flavour, family: family, save: save, restore: restore)
        }
        guard let save = try find(base, "-save", flavour),
            let restore = try find(base, "-restore", flavour)
        else { return nil }
        return Toolset(flavour: flavour, family: family, save: save, restore: restore)
    }

    /// Returns the flavour that all three programs have; throws `.unsupported` if they differ.
    private static func flavour(
        ofChosen programs: [String]
    ) throws(BackendError) -> IptablesFlavour {
        var flavours: [IptablesFlavour] = []
        for program in programs {
            flavours.append(try version(ofChosen: program))
        }
        guard let first = flavours.first, flavours.allSatisfy({ $0 == first }) else {
            let words = zip(programs, flavours).map { "'\($0)' is \($1.name)" }
            throw .unsupported(
                feature: "iptablesExecutables have two flavours: \(words.joined(separator: ", "))",
                remedy: "set three programs of one flavour, or none")
        }
        return first
    }

    private static func version(
        ofChosen program: String
    ) throws(BackendError) -> IptablesFlavour {
        let reason: String
        do throws(ToolRun.Failure) {
            let run = try ToolRun(program, ["--version"])
            if run.status == 0, let flavour = flavour(inVersion: run.output) { return flavour }
            reason = "it doesn't report the version of an iptables program"
        } catch {
            guard !error.isTemporary else { throw BackendError(error, of: program) }
            reason = error.reason
        }
        throw .unsupported(
            feature: "iptablesExecutables '\(program)': \(reason)",
            remedy: "correct the path, or remove iptablesExecutables")
    }

    /// Finds `iptables-nft-save`, or an `iptables-save` of that flavour.
    private static func find(
        _ base: String, _ suffix: String, _ flavour: IptablesFlavour
    ) throws(BackendError) -> String? {
        if let path = ProgramSearch.path(of: "\(base)-\(flavour.rawValue)\(suffix)") { return path }
        guard let path = ProgramSearch.path(of: "\(base)\(suffix)"),
            try Self.flavour(of: path) == flavour
        else { return nil }
        return path
    }

    /// Returns the flavour of a program; nil if it isn't one of iptables.
    static func flavour(of path: String) throws(BackendError) -> IptablesFlavour? {
        do throws(ToolRun.Failure) {
            let run = try ToolRun(path, ["--version"])
            return run.status == 0 ? flavour(inVersion: run.output) : nil
        } catch {
            guard error.isTemporary else { return nil }
            throw BackendError(error, of: path)
        }
    }

    /// Reads `iptables v1.8.9 (nf_tables)`, or `(legacy)`, which versions before 1.8 omit.
    private static func flavour(inVersion text: String) -> IptablesFlavour? {
        guard text.contains(text: "tables") else { return nil }
        return text.contains(text: "nf_tables") ? .nft : .legacy
    }
}

extension BackendError {
    /// Creates the error for a run of `program` whose result is unknown.
    init(_ failure: ToolRun.Failure, of program: String) {
        self = .busy(attempts: 1, reason: "'\(program)': \(failure.reason)")
    }
}
