import Testing
import TproxyTestSupport

/// Options that would have no effect, or contradict each other, are usage errors.
@Suite struct OptionConflictTests {
    @Test(arguments: [
        ("plan --format html --family ipv4", "--family is for --format iptables"),
        ("plan --family ipv6", "--family is for --format iptables"),
        ("plan --format nft --output json", "--output json is for --format text"),
        ("plan --format svg --output json", "--output json is for --format text"),
        ("plan --against direct.xml", "--against is for --format firewalld"),
        (
            "plan --format nft --backend iptables-nft",
            "--format nft contradicts --backend iptables-nft"
        ),
        (
            "plan --format nft-json --backend iptables",
            "--format nft-json contradicts --backend iptables"
        ),
        ("plan --format iptables --backend nft", "--format iptables contradicts --backend nft"),
        ("plan --format firewalld --backend nft", "--format firewalld contradicts --backend nft"),
        ("plan --format nft --backend ebpf", "--format nft contradicts --backend ebpf"),
        ("plan --format ebpf --backend nft", "--format ebpf contradicts --backend nft"),
        ("plan --format ebpf-json --output json", "--output json is for --format text"),
        ("diff --format nft-json --output json", "--output json is for --format text"),
        ("remove --kumactl --store-firewalld", "leave out --store-firewalld"),
        ("uninstall transparent-proxy --kumactl --instance other", "leave out --instance"),
        ("export nftables --force --output -", "--force is for a file"),
    ])
    func contradictionIsAUsageError(line: String, words: String) async throws {
        let arguments = line.split(separator: " ").map(String.init)
        let outcome = try await Command.tproxy(arguments)
        #expect(outcome.status == 64)
        // With --output json, the error is the document.
        let isJSON = line.contains("--output json")
        #expect((isJSON ? outcome.errors : outcome.output).isEmpty)
        let text = isJSON ? outcome.output : outcome.errors
        #expect(text.contains(words), "\(text)")
    }

    @Test(arguments: [
        "--format text --output json", "--format iptables --family ipv6 --backend iptables-legacy",
        "--format nft --backend nft", "--format html --backend iptables-nft",
        "--format firewalld --backend iptables", "--format ebpf --backend ebpf",
        "--format ebpf-json", "--format html --backend ebpf", "--format svg --backend ebpf",
    ])
    func otherCombinationsAreAccepted(flags: String) async throws {
        let folder = try #require(Scenario.all.first { $0.name == "default" }).folder.path
        let outcome = try await Command.tproxy(
            ["plan", "--facts", "facts.json"] + flags.split(separator: " ").map(String.init),
            in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    /// The flags of the eBPF backend have an effect with it, and with no other.
    @Test(arguments: [(["--backend", "ebpf"], false), (["--backend", "nft"], true), ([], true)])
    func flagsOfEBPFAreNotedWithOtherBackends(flags: [String], isNoted: Bool) async throws {
        let folder = try #require(Scenario.all.first { $0.name == "default" }).folder.path
        let given = ["--facts", "facts.json", "--ebpf-cgroup-path", "/sys/fs/cgroup/a"] + flags
        let outcome = try await Command.tproxy(["plan"] + given, in: folder)
        #expect(outcome.status == 0 && outcome.errors.contains("[for-ebpf]") == isNoted)
    }

    @Test func unusedFileOfFirewalldIsWarnedOf() async throws {
        let outcome = try await Command.tproxy([
            "apply", "--dry-run", "--kuma-dp-user", "5678", "--firewalld-file", "/x",
            "--no-preflight",
        ])
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("[without-effect]"), "\(outcome.errors)")
    }

    /// A plan for other facts has no preflight, but configuration warnings refuse it.
    @Test func strictRefusesAPlanForOtherFacts() async throws {
        let folder = try #require(Scenario.all.first { $0.name == "include-ports" }).folder.path
        let plan = ["plan", "--config", "tproxy.yaml", "--facts", "facts.json"]
        let refused = try await Command.tproxy(plan + ["--strict"], in: folder)
        #expect(refused.status == 1 && refused.output.isEmpty)
        #expect(refused.errors.contains("there are 2 warnings, and --strict"), "\(refused.errors)")
        #expect(try await Command.tproxy(plan, in: folder).status == 0)
    }
}
