import Diagnostics

// What commands say of a firewalld that would get in the way of rules, before it does.
extension Diagnostic {
    static func firewalldRejectsIPv6() -> Diagnostic {
        .warning(
            id: "firewalld-rejects-ipv6",
            "firewalld rejects this host's own IPv6 connections when they are captured:"
                + " RFC3964_IPv4 is on, as it is by default",
            notes: [
                "a captured packet goes to ::1 while it is still on its old way out, and there"
                    + " firewalld takes ::1 for an IPv4 address"
            ],
            help: "set RFC3964_IPv4=no in /etc/firewalld/firewalld.conf and run"
                + " 'firewall-cmd --reload', or set ipFamilyMode to 'ipv4'")
    }

    static func firewalldFlushes(_ backend: String) -> Diagnostic {
        .warning(
            id: "firewalld-flushes",
            "firewalld runs here and takes away what is loaded by \(backend)"
                + " whenever it starts or reloads",
            help: "store the rules with --store-firewalld, or use --backend nft, whose table it"
                + " leaves alone")
    }

    static func storedRulesDiffer(_ path: String) -> Diagnostic {
        .warning(
            id: "stored-rules-differ",
            "'\(path)' holds other rules, which firewalld loads in place of these when it starts"
                + " or reloads",
            help: "store these, with --store-firewalld, or take out the others with"
                + " 'tproxy export firewalld --remove'")
    }

    static func storedForFirewalld(_ path: String, wanted: String) -> Diagnostic {
        .error(
            id: "stored-for-firewalld",
            "'\(path)' holds rules that firewalld loads; loading them by \(wanted) too would"
                + " capture twice",
            help: "run 'tproxy remove --store-firewalld' first, or leave --backend out and give"
                + " --store-firewalld")
    }

    static func loadedBesideFirewalld(_ name: String) -> Diagnostic {
        .error(
            id: "other-backend",
            "rules are loaded by \(name); firewalld would load them too, and they would capture"
                + " twice",
            help: "run 'tproxy remove' first, or store nothing and use 'tproxy export systemd'")
    }

    static func directRulesAreDeprecated(_ program: String) -> Diagnostic {
        Diagnostic(
            .note, id: "firewalld-deprecated",
            "firewalld's direct rules are deprecated, and loaded by \(program)",
            help: "'tproxy export systemd' brings the native nftables table back at boot and needs"
                + " neither")
    }

    static func noFirewalld(_ path: String) -> Diagnostic {
        .warning(
            id: "no-firewalld", "firewalld isn't installed here, so nothing reads '\(path)'",
            help: "install firewalld, or use 'tproxy export systemd'")
    }

    static func offlineCheckRefused(_ path: String, words: String) -> Diagnostic {
        .error(
            id: "firewalld-check-failed",
            "firewall-offline-cmd --check-config refuses what '\(path)' would be: \(words)",
            help: "mend what it names; nothing was changed")
    }
}
