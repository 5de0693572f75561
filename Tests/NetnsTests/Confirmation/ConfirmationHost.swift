import Testing
import TproxyTestSupport

/// A namespace with foreign rules, for changes that wait for confirmation.
struct ConfirmationHost {
    let sandbox: Sandbox
    private let folder: TestFolder

    /// Runs `body` in a new namespace with foreign rules of every backend.
    static func with(_ body: (ConfirmationHost) async throws -> Void) async throws {
        let folder = try TestFolder()
        try ApplyTests.facts.write(
            toFile: folder.path(of: "facts.json"), atomically: true, encoding: .utf8)
        try await Sandbox.with { sandbox in
            let host = ConfirmationHost(sandbox: sandbox, folder: folder)
            try await sandbox.shell(foreign)
            try await body(host)
        }
    }

    /// Also makes the tables of iptables-legacy, which stay empty and can't be deleted.
    private static let foreign = """
        nft 'add table ip others; add chain ip others c; add rule ip others c counter accept'
        for tool in iptables ip6tables; do
            $tool-nft -t nat -A OUTPUT -p tcp --dport 7 -j RETURN
            for table in raw nat mangle; do $tool-legacy -t $table -S >/dev/null; done
            $tool-legacy -t nat -A OUTPUT -p tcp --dport 7 -j RETURN
            $tool-legacy -t nat -A PREROUTING -p tcp --dport 9 -j RETURN
        done
        """

    /// The rules of all programs and the addresses, without counters.
    ///
    /// A table that was made again follows others in a listing of nft, and so does a chain in a table of
    /// iptables-nft, of which its own program lists everything.
    func state() async throws -> String {
        try await sandbox.shell(
            """
            nft list tables | sort | while read -r word family name; do
                case $family-$name in ip*-nat | ip*-raw | ip*-mangle) echo $family $name ;;
                *) nft -s list table $family $name ;; esac
            done
            for tool in iptables ip6tables; do
                $tool-nft-save; $tool-legacy-save
            done | sed '/^#/d; s/ \\[[0-9:]*\\]//'
            ip address show lo
            """)
    }

    /// Runs `apply` with the facts; each plan has other ports and sets.
    func apply(
        _ words: [String], second: Bool = false, environment: [String: String] = [:]
    ) async throws -> Command.Outcome {
        try await sandbox.tproxy(
            ["apply"] + plan(second: second) + words, environment: environment)
    }

    /// The arguments of a plan.
    func plan(second: Bool) -> [String] {
        ["--facts", path(of: "facts.json"), "--no-preflight"]
            + (second ? Self.second : Self.first)
    }

    /// The path of a file that is deleted with the host.
    func path(of name: String) -> String { folder.path(of: name) }

    private static let first = [
        "--exclude-outbound-ports", "81,83",
        "--exclude-outbound-ips", "192.0.2.0/24,198.51.100.0/25,203.0.113.1,2001:db8::/40",
    ]
    private static let second = [
        "--exclude-inbound-ports", "22", "--exclude-outbound-ips", "192.0.2.0/24",
        "--redirect-outbound-port", "15099",
    ]

    func tproxy(_ words: [String]) async throws -> Command.Outcome {
        try await sandbox.tproxy(words)
    }

    /// Waits until no change is pending any longer.
    func settle() async throws {
        try await sandbox.shell(
            """
            record=/run/tproxy/confirm-$(stat -Lc %i /proc/self/ns/net)
            for try in $(seq 1200); do [ -e $record ] || exit 0; sleep 0.05; done
            exit 1
            """)
    }

    /// The processes that wait for the deadline of the pending change.
    func guards() async throws -> [String] {
        try await sandbox.shell(
            """
            sed -n '1s/.*"processes":\\[\\([0-9,]*\\)\\].*/\\1/p' \\
                /run/tproxy/confirm-$(stat -Lc %i /proc/self/ns/net) | tr , ' '
            """
        ).split(whereSeparator: \.isWhitespace).map(String.init)
    }
}

/// The rules that are loaded before a change that waits for confirmation.
enum FormerRules: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case none
    case nft
    case changedByHand
    case adminsAddress
    case iptablesNft
    case iptablesLegacy
    case iptablesChangedByHand

    var testDescription: String { rawValue }

    func load(on host: ConfirmationHost) async throws -> [Command.Outcome] {
        switch self {
        case .none: return []
        case .nft: return [try await host.apply(["--backend", "nft"])]
        case .changedByHand:
            let applied = try await host.apply(["--backend", "nft"])
            try await host.sandbox.shell(Self.tampering)
            return [applied]
        case .adminsAddress:
            try await host.sandbox.shell("ip -6 address add ::6/128 dev lo nodad")
            return [try await host.apply(["--backend", "nft"])]
        case .iptablesNft: return [try await host.apply(["--backend", "iptables-nft"])]
        case .iptablesLegacy: return [try await host.apply(["--backend", "iptables-legacy"])]
        case .iptablesChangedByHand:
            let applied = try await host.apply(["--backend", "iptables-nft"])
            try await host.sandbox.shell(
                """
                iptables-nft -t nat -I OUTPUT 2 -p tcp --dport 4711 -j ACCEPT
                ip6tables-nft -t nat -A KUMA_MESH_INBOUND -p udp -j RETURN
                """)
            return [applied]
        }
    }

    /// A limit, an anonymous set with an interval, a map to a chain, a counter with a name, and another
    /// policy.
    private static let tampering = """
        nft -f - <<'END'
        add chain inet tproxy_mesh byhand
        add rule inet tproxy_mesh byhand limit rate 10/second counter accept
        add counter inet tproxy_mesh total
        add map inet tproxy_mesh ways { type inet_service : verdict; elements = { 99 : jump byhand }; }
        add rule inet tproxy_mesh mesh_outbound tcp dport { 4711, 5000-5010 } counter name total accept
        add rule inet tproxy_mesh mesh_outbound tcp dport vmap @ways
        add chain inet tproxy_mesh nat_output_last { policy drop; }
        END
        """
}
