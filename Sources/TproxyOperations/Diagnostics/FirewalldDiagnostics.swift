import Addressing
import Diagnostics
import FirewalldExporter
import RuleIR

// Diagnostics about firewalld's direct.xml.
extension Diagnostic {
    /// Rules that firewalld loads use iptables and must not be loaded by another backend as well.
    static func firewalldNeedsIptables(_ backend: String, flavour: String) -> Diagnostic {
        .error(
            id: "firewalld-needs-iptables",
            "firewalld loads stored rules through \(flavour); with --backend \(backend) they would"
                + " be loaded twice",
            help: "leave --backend out, or store nothing and use 'tproxy export systemd'")
    }

    static func inexpressible(_ problem: RulesetProblem) -> Diagnostic {
        .error(
            id: "inexpressible", "\(problem)",
            help:
                "use a backend that can express it: nft, with 'tproxy export systemd' to load it at boot"
        )
    }

    static func tooMuchForFirewalld(limit: Int) -> Diagnostic {
        .error(
            id: "too-much-for-firewalld",
            "the file would be larger than \(limit >> 20) MiB: each list item becomes a rule there",
            help: "shorten the lists, or use --backend nft, where a list is one set")
    }

    static func noFirewalldPrograms(_ path: String) -> Diagnostic {
        .error(
            id: "no-firewalld-programs",
            "firewalld loads stored rules with \(path), which doesn't exist",
            help: "install iptables, or store nothing and use 'tproxy export systemd'")
    }

    /// The rules are loaded but not stored.
    static func appliedButNotStored(_ path: String) -> Diagnostic {
        .error(
            id: "not-stored",
            "the rules are loaded and redirect now, but '\(path)' doesn't hold them:"
                + " they are lost when firewalld reloads or the host restarts",
            help:
                "correct the error above and run the same command again; it changes no loaded rule")
    }

    /// The rules are removed but still stored.
    static func removedButStored(_ path: String) -> Diagnostic {
        .error(
            id: "still-stored",
            "the loaded rules are removed, but '\(path)' still holds them:"
                + " firewalld loads them again when it reloads",
            help: "correct the error above and run 'tproxy export firewalld --remove'")
    }

    static func stillStored(_ path: String) -> Diagnostic {
        .warning(
            id: "still-stored",
            "'\(path)' still holds the rules: firewalld loads them again when it reloads",
            help: "remove them with 'tproxy remove --store-firewalld'")
    }

    static func prerequisiteNotStored(_ prerequisite: HostPrerequisite) -> Diagnostic {
        switch prerequisite {
        case .address(let address):
            let prefix = "\(address.prefix.address)/\(address.prefix.length)"
            return .warning(
                id: "address-not-stored",
                "firewalld can't add the address \(address), which redirected IPv6 connections need",
                help: "add it at boot: ip -6 address add \(prefix) dev \(address.interface)")
        }
    }

    static func setAside(_ count: Int, in path: String) -> Diagnostic {
        .warning(
            id: "kumactl-set-aside",
            "\(count) elements of kumactl in '\(path)' become comments while tproxy's elements are there",
            help: "'tproxy export firewalld --remove' restores them")
    }

    static func foreignContentInBlock(in path: String) -> Diagnostic {
        .warning(
            id: "edited-block",
            "'\(path)' has foreign elements between tproxy's marks; they were kept",
            help: "write your own elements outside the marks")
    }

    static func unmarkedBlock(_ count: Int, in path: String) -> Diagnostic {
        Diagnostic(
            .note, id: "unmarked-block",
            "\(count) elements of tproxy in '\(path)' had lost their marks, as when firewalld"
                + " rewrites the file; tproxy found them by the chain KUMA_MESH_TPROXY")
    }
}

extension DirectChange {
    /// Returns the diagnostics for a change of the file.
    func notices(about path: String) -> [Diagnostic] {
        var notices: [Diagnostic] = []
        if setAside > 0 { notices.append(.setAside(setAside, in: path)) }
        if hasForeignContent { notices.append(.foreignContentInBlock(in: path)) }
        if unmarked > 0 { notices.append(.unmarkedBlock(unmarked, in: path)) }
        return notices
    }
}

// Diagnostics about conflicts with firewalld, reported before they occur.
extension Diagnostic {
    static func firewalldRejectsIPv6() -> Diagnostic {
        .warning(
            id: "firewalld-rejects-ipv6",
            "firewalld rejects this host's own IPv6 connections when they are redirected:"
                + " RFC3964_IPv4 is on, which is the default",
            notes: [
                "a redirected packet goes to ::1 but still leaves by its old interface, where"
                    + " firewalld takes ::1 for an IPv4 address"
            ],
            help: "set RFC3964_IPv4=no in /etc/firewalld/firewalld.conf and run"
                + " 'firewall-cmd --reload', or set ipFamilyMode to 'ipv4'")
    }

    static func firewalldFlushes(_ backend: String) -> Diagnostic {
        .warning(
            id: "firewalld-flushes",
            "firewalld runs here and removes the rules of \(backend)"
                + " whenever it starts or reloads",
            help: "store the rules with --store-firewalld, or use --backend nft, whose table it"
                + " leaves alone")
    }

    static func storedRulesDiffer(_ path: String) -> Diagnostic {
        .warning(
            id: "stored-rules-differ",
            "'\(path)' holds other rules, which firewalld loads instead of these when it starts"
                + " or reloads",
            help: "store these with --store-firewalld, or remove the others with"
                + " 'tproxy export firewalld --remove'")
    }

    static func storedForFirewalld(_ path: String, wanted: String) -> Diagnostic {
        .error(
            id: "stored-for-firewalld",
            "'\(path)' holds rules that firewalld loads; loading them by \(wanted), too, would"
                + " redirect twice",
            help: "run 'tproxy remove --store-firewalld' first, or leave --backend out and give"
                + " --store-firewalld")
    }

    static func loadedBesideFirewalld(_ name: String) -> Diagnostic {
        .error(
            id: "other-backend",
            "rules are loaded by \(name); firewalld would load them, too, and they would redirect"
                + " twice",
            help: "run 'tproxy remove' first, or store nothing and use 'tproxy export systemd'")
    }

    static func directRulesAreDeprecated(_ program: String) -> Diagnostic {
        Diagnostic(
            .note, id: "firewalld-deprecated",
            "firewalld's direct rules are deprecated, and loaded by \(program)",
            help: "'tproxy export systemd' loads the native nftables table at boot and needs"
                + " neither")
    }

    static func noFirewalld(_ path: String) -> Diagnostic {
        .warning(
            id: "no-firewalld", "firewalld isn't installed here, so no program reads '\(path)'",
            help: "install firewalld, or use 'tproxy export systemd'")
    }

    static func offlineCheckRefused(_ path: String, words: String) -> Diagnostic {
        .error(
            id: "firewalld-check-failed",
            "firewall-offline-cmd --check-config refuses the new content of '\(path)': \(words)",
            help: "correct it as firewalld says; nothing was changed")
    }
}
