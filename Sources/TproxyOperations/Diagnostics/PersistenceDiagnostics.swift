import Diagnostics
import PersistenceFiles
import RuleIR

// Diagnostics about files that load rules after a reboot; one function for each message.
extension Diagnostic {
    static func dryRunExport(at location: SourceLocation?) -> Diagnostic {
        .error(
            id: "dry-run-export", "with dryRun, nothing would be loaded at boot", at: location,
            help: "leave dryRun off; '--output -' prints what would be written")
    }

    static func storedForFirewalldToo(at location: SourceLocation?) -> Diagnostic {
        .error(
            id: "stored-for-firewalld-too",
            "with storeFirewalld, the file and firewalld would both redirect", at: location,
            help: "leave storeFirewalld off, or use 'tproxy export firewalld' instead")
    }

    static func noSystemctl() -> Diagnostic {
        .error(
            id: "no-systemctl", "systemctl isn't on this host, so no unit can be enabled",
            help: "leave --enable off, and run 'systemctl enable' on the host of the unit")
    }

    static func programFailed(_ words: String, _ reason: String) -> Diagnostic {
        .error(
            id: "program-failed", "'\(words)' failed: \(Self.oneLine(reason))",
            help: "resolve the cause and run it by hand; the file is written")
    }

    static func noFolder(_ path: String, because reason: String) -> Diagnostic {
        .error(
            id: "no-folder", "can't create '\(path)': \(reason)",
            help: "create it, or name a file with --output")
    }

    static func resolversOfNow(_ servers: [String]) -> Diagnostic {
        .warning(
            id: "resolvers-of-now",
            "the file contains the current DNS servers: \(servers.joined(separator: ", "))",
            help: "write it again when resolv.conf changes, or set redirect.dns.captureAll")
    }

    static func prerequisiteNotInFile(_ prerequisite: HostPrerequisite) -> Diagnostic {
        switch prerequisite {
        case .address(let address):
            .warning(
                id: "address-not-in-file",
                "the file can't hold \(address), which the proxy needs for incoming IPv6",
                help: "run 'ip -6 address add \(address.prefix) dev \(address.interface)' at boot,"
                    + " use 'tproxy export systemd' instead, or set ipFamilyMode to 'ipv4'")
        }
    }

    static func noNftablesConfiguration(for file: String) -> Diagnostic {
        .warning(
            id: "not-included", "no service on this host loads '\(file)' at boot",
            help: "create /etc/nftables.conf with the line  \(includeLine(for: file)),"
                + " or use 'tproxy export systemd'")
    }

    static func nftablesServiceDisabled() -> Diagnostic {
        .warning(
            id: "nftables-disabled", "nftables.service isn't enabled, so it loads nothing at boot",
            help: "run 'systemctl enable nftables.service'; its file may begin with 'flush ruleset'"
        )
    }

    /// Returns the line of nftables.conf that loads a file.
    fileprivate static func includeLine(for file: String) -> String {
        let isUsual = file.hasPrefix(NftablesFile.folder + "/") && file.hasSuffix(".nft")
        return "include \"\(isUsual ? NftablesFile.folder + "/*.nft" : file)\""
    }

    private static func oneLine(_ text: String) -> String {
        text.split(separator: "\n").joined(separator: "; ")
    }
}

extension NftablesInclusion.Fate {
    /// Returns the diagnostic; nil if the file is loaded.
    func diagnostic(of file: String, in configuration: String) -> Diagnostic? {
        switch self {
        case .loaded:
            nil
        case .flushed(let place):
            .warning(
                id: "flushed-later", "'\(file)' is loaded and then flushed by \(place)",
                help: "move the include line after 'flush ruleset'")
        case .insideBlock(let place):
            .warning(
                id: "included-in-table", "\(place) includes '\(file)' inside a table",
                help: "move the include line out of the braces: nft refuses the whole file")
        case .notIncluded:
            .warning(
                id: "not-included", "'\(configuration)' doesn't include '\(file)'",
                help: "add this line at its end:  \(Diagnostic.includeLine(for: file))")
        }
    }
}

extension WrittenFile.Refusal {
    func diagnostic(of path: String) -> Diagnostic {
        switch self {
        case .foreign:
            .error(
                id: "foreign-file", "'\(path)' exists and tproxy didn't write it",
                help: "move it away, name another file, or replace it with --force")
        case .edited:
            .error(
                id: "edited-file", "'\(path)' was edited since tproxy wrote it",
                help:
                    "keep your changes elsewhere, such as in a drop-in, and delete the file or replace"
                    + " it with --force")
        }
    }
}

extension SystemdUnit.Problem {
    var diagnostic: Diagnostic {
        switch self {
        case .program(let path):
            .error(
                id: "program-path", "systemd runs no program with the path '\(path)'",
                help: "install tproxy where the path has no quotes, backslashes or control"
                    + " characters, such as /usr/local/bin")
        case .variable(let name):
            .error(
                id: "variable-value",
                "systemd accepts no control characters, and \(name) contains some",
                help: "set the value in a configuration file")
        case .noncharacter:
            .error(
                id: "unit-text",
                "systemd drops lines with noncharacters of Unicode, such as U+FFFE",
                help: "remove them from flags, variables and file names")
        case .tooLong(let setting):
            .error(
                id: "unit-line-too-long", "\(setting) would be longer than the 1 MiB systemd reads",
                help: "set long lists in a configuration file")
        }
    }
}

extension LastingPath.Problem {
    /// Returns the diagnostic for a configuration file.
    func diagnostic(of path: String) -> Diagnostic {
        .error(
            id: "not-at-boot", "a unit can't read '\(path)' at boot: \(reason)",
            help: remedy ?? "copy it to a folder such as /etc/tproxy and name it there")
    }

    /// Returns the diagnostic for the program tproxy.
    func diagnostic(ofProgram path: String) -> Diagnostic {
        .error(
            id: "not-at-boot", "a unit can't run '\(path)' at boot: \(reason)",
            help: remedy ?? "install tproxy, such as with 'make install', and run it from there")
    }

    private var reason: String {
        switch self {
        case .standardInput: "it is this command's standard input"
        case .missing(let reason): reason
        case .notRegular: "it is not a regular file"
        case .vanishes(let folder): "\(folder) doesn't survive a reboot"
        case .hidden(let folder): "\(folder) is hidden from services (ProtectHome=)"
        case .unreadable(let path):
            "the mode of '\(path)' denies access to root (no CAP_DAC_OVERRIDE)"
        }
    }

    private var remedy: String? {
        switch self {
        case .unreadable(let path): "run 'chown root \(path)', or make it readable for others"
        case .standardInput, .missing, .notRegular, .vanishes, .hidden: nil
        }
    }
}
