import Foundation
import Testing
import TproxyTestSupport

/// Twenty commands at once: the result is that of some order of them, and each reports what it did.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ManyAtOnceTests {
    /// Waits longer than all commands take.
    private static let timeout = ["--wait", "300", "--facts", "-"]
    private static let ports = 1...5

    /// One of several plans, which share no port.
    private func plan(_ number: Int) -> [String] {
        let port = "\(Self.ports.lowerBound + number % Self.ports.count)"
        return ["--redirect-outbound-port", port, "--redirect-inbound-port", port]
    }

    /// The ports to which the loaded rules redirect.
    private func portsLoaded(_ sandbox: Sandbox) async throws -> Set<String> {
        let rules = try await sandbox.shell(
            """
            { nft list ruleset; iptables-legacy-save; ip6tables-legacy-save; } |
                grep -oE 'redirect to :[1-5]$|redirect to :[1-5] |--to-ports [1-5]$' |
                grep -oE '[1-5]' || true
            """)
        return Set(rules.split(separator: "\n").map(String.init))
    }

    /// Expects that the loaded ruleset is whole, agrees with the claims, and can be removed.
    private func expectWhole(
        _ commands: CommandsAtOnce, _ sandbox: Sandbox, before: String
    ) async throws {
        let status = try await sandbox.tproxy(["status"])
        let addresses = try await sandbox.shell("ip -6 addr show lo")
        switch commands.loadedInTheEnd {
        case 0:
            #expect(status.status == 1 && status.errors.contains("[not-installed]"), "\(commands)")
            #expect(!addresses.contains("::6/128"), "\(commands)")
        case 1:
            #expect(status.status == 0, "\(status.output)\(status.errors)\n\(commands)")
            #expect(!status.errors.contains("[interrupted-move]"), "\(status.errors)\n\(commands)")
            #expect(try await portsLoaded(sandbox).count == 1, "\(commands)")
            #expect(
                addresses.contains("::6/128") && addresses.contains("forever"),
                "\(addresses)\n\(commands)")
        case let number: Issue.record("\(number) would be loaded\n\(commands)")
        }
        // No process holds the lock any more.
        #expect(try await sandbox.shell("cat /proc/self/net/netfilter/nfnetlink_log") == "")
        let removed = try await sandbox.tproxy(["remove"])
        #expect(removed.status == 0, "\(removed.errors)")
        #expect(try await everything(sandbox) == before)
    }

    /// Rules of every kind, and addresses.
    private func everything(_ sandbox: Sandbox) async throws -> String {
        try await BackendUnderTest.iptablesNft.state(sandbox)
            + BackendUnderTest.iptablesLegacy.state(sandbox) + sandbox.state()
    }

    @Test(arguments: BackendUnderTest.allCases)
    func equalAppliesInstallOnce(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            let commands = try await CommandsAtOnce(
                Array(repeating: backend.apply + Self.timeout, count: 20), in: sandbox)
            #expect(commands.ended.allSatisfy { $0.outcome.status == 0 }, "\(commands)")
            #expect(commands.count("installed") == 1, "\(commands)")
            #expect(commands.count("unchanged") == 19, "\(commands)")
            #expect(try await sandbox.tproxy(["status"]).status == 0)
        }
    }

    @Test(arguments: BackendUnderTest.allCases)
    func concurrentAppliesRemovalsAndReadersTellTheTruth(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            try await touchTables(sandbox)
            let before = try await everything(sandbox)
            let applies = (0..<10).map { backend.apply + Self.timeout + plan($0) }
            let commands = try await CommandsAtOnce(
                applies + Array(repeating: ["remove"], count: 4)
                    + Array(repeating: ["status"], count: 3)
                    + Array(
                        repeating: ["diff", "--backend", backend.backend, "--facts", "-"], count: 3
                    ),
                in: sandbox)
            for one in commands.ended("apply") {
                #expect(one.outcome.status == 0, "\(commands)")
                #expect(one.claims.count == 1)
            }
            expectTrueReaders(commands)
            try await expectWhole(commands, sandbox, before: before)
        }
    }

    /// Half of the applies may replace another backend; the others are refused.
    @Test func concurrentBackendsLeaveOneRuleset() async throws {
        try await Sandbox.with { sandbox in
            try await touchTables(sandbox)
            let before = try await everything(sandbox)
            let applies = (0..<12).map { number in
                BackendUnderTest.allCases[number % 4].apply + Self.timeout + plan(number)
                    + (number < 6 ? ["--replace-backend"] : [])
            }
            let commands = try await CommandsAtOnce(
                applies + Array(repeating: ["remove"], count: 4)
                    + Array(repeating: ["status"], count: 4), in: sandbox)
            for one in commands.ended("apply") {
                let isRefused = one.isRefused("other-backend")
                #expect(one.outcome.status == 0 || isRefused, "\(commands)")
                #expect(!isRefused || !one.words.contains("--replace-backend"), "\(commands)")
            }
            expectTrueReaders(commands)
            try await expectWhole(commands, sandbox, before: before)
        }
    }

    /// A command that doesn't wait fails as busy, and has changed nothing.
    @Test(arguments: BackendUnderTest.allCases)
    func busyCommandsWithoutWaitChangeNothing(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            try await touchTables(sandbox)
            let before = try await everything(sandbox)
            let commands = try await CommandsAtOnce(
                (0..<20).map {
                    backend.apply + ["--wait", "0", "--max-retries", "0", "--facts", "-"] + plan($0)
                }, in: sandbox)
            for one in commands.ended {
                let isBusy = one.isRefused("busy")
                #expect(one.outcome.status == 0 || isBusy, "\(commands)")
                #expect(one.claims.count == (isBusy ? 0 : 1), "\(commands)")
            }
            #expect(commands.count("installed") == 1, "\(commands)")
            try await expectWhole(commands, sandbox, before: before)
        }
    }

    /// Programs of iptables create the tables that they read, and leave them behind.
    private func touchTables(_ sandbox: Sandbox) async throws {
        for backend in BackendUnderTest.allCases {
            _ = try await sandbox.tproxy(
                backend.apply + ["--facts", "-"], input: ApplyTests.facts)
            _ = try await sandbox.tproxy(["remove"])
        }
    }

    /// Readers saw a whole plan or none.
    private func expectTrueReaders(_ commands: CommandsAtOnce) {
        for one in commands.ended("status") {
            #expect(one.outcome.status == 0 || one.isRefused("not-installed"), "\(commands)")
        }
        for one in commands.ended("diff") {
            #expect([0, 2].contains(one.outcome.status), "\(commands)")
            #expect(!one.outcome.output.contains("BY HAND"), "\(commands)")
        }
        for one in commands.ended("remove") {
            #expect(one.outcome.status == 0 || one.isRefused("busy"), "\(commands)")
        }
    }
}
