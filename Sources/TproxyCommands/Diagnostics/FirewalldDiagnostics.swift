import Addressing
import Diagnostics
import FirewalldExporter
import RuleIR

// What commands say of firewalld's direct.xml.
extension Diagnostic {
    /// Rules that firewalld loads go through iptables, and must not be loaded by others as well.
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
                "use a backend that has a form for it: nft, and 'tproxy export systemd' to keep it")
    }

    static func tooMuchForFirewalld(limit: Int) -> Diagnostic {
        .error(
            id: "too-much-for-firewalld",
            "the file would have more than \(limit >> 20) MiB: each member of a list is a rule there",
            help: "shorten the lists, or use --backend nft, where a list is one set")
    }

    static func noFirewalldPrograms(_ path: String) -> Diagnostic {
        .error(
            id: "no-firewalld-programs",
            "firewalld loads stored rules by \(path), which isn't here",
            help: "install iptables, or store nothing and use 'tproxy export systemd'")
    }

    /// The rules are loaded, and aren't stored.
    static func appliedButNotStored(_ path: String) -> Diagnostic {
        .error(
            id: "not-stored",
            "the rules are loaded and capture now, but '\(path)' doesn't hold them:"
                + " they go when firewalld reloads or the host restarts",
            help:
                "mend what is told above and run the same command again; it changes no loaded rule")
    }

    /// The rules are out, and are still stored.
    static func removedButStored(_ path: String) -> Diagnostic {
        .error(
            id: "still-stored",
            "the loaded rules are removed, but '\(path)' still holds them:"
                + " firewalld loads them again when it reloads",
            help: "mend what is told above and run 'tproxy export firewalld --remove'")
    }

    static func stillStored(_ path: String) -> Diagnostic {
        .warning(
            id: "still-stored",
            "'\(path)' still holds the rules: firewalld loads them again when it reloads",
            help: "take them out with 'tproxy remove --store-firewalld'")
    }

    static func aliasNotStored(_ alias: LoopbackAlias) -> Diagnostic {
        let address = "\(alias.prefix.address)/\(alias.prefix.length)"
        return .warning(
            id: "alias-not-stored",
            "firewalld can't add the address \(alias), which captured IPv6 connections need",
            help: "add it at boot: ip -6 address add \(address) dev \(alias.interface)")
    }

    static func setAside(_ count: Int, in path: String) -> Diagnostic {
        .warning(
            id: "kumactl-set-aside",
            "\(count) elements of kumactl's own in '\(path)' become comments while tproxy's stand there",
            help: "'tproxy export firewalld --remove' puts them back")
    }

    static func guestsInBlock(in path: String) -> Diagnostic {
        .warning(
            id: "edited-block",
            "something that isn't tproxy's stood between its marks in '\(path)'; it was kept",
            help: "write your own elements outside of the marks")
    }

    static func unmarkedBlock(_ count: Int, in path: String) -> Diagnostic {
        Diagnostic(
            .note, id: "unmarked-block",
            "\(count) elements of tproxy's in '\(path)' had lost their marks, as when firewalld"
                + " rewrites the file; they were found by the chain KUMA_MESH_TPROXY")
    }
}

extension DirectChange {
    /// What is worth telling of it.
    func notices(about path: String) -> [Diagnostic] {
        var notices: [Diagnostic] = []
        if setAside > 0 { notices.append(.setAside(setAside, in: path)) }
        if hasGuests { notices.append(.guestsInBlock(in: path)) }
        if unmarked > 0 { notices.append(.unmarkedBlock(unmarked, in: path)) }
        return notices
    }
}
