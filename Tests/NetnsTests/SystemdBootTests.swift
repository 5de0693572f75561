import Foundation
import PersistenceFiles
import RuleIR
import Testing
import TproxyTestSupport

/// A real systemd, as init of a container, boots with the unit that `export` wrote.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct SystemdBootTests {
    private static let export =
        "tproxy export systemd --config /etc/tproxy/tproxy.yaml --facts /etc/tproxy/facts.json"
    private static let listing = "nft --stateless list table inet tproxy_mesh"

    private func scenario(_ name: String) throws -> Scenario {
        try #require(Scenario.all.first { $0.name == name })
    }

    /// Boots with nftables.service, which flushes, and with our unit.
    private func boot(
        _ name: String, adding commands: String = "", _ body: (SystemdMachine) async throws -> Void
    ) async throws {
        let prepare =
            try scenario(name).inputsScript(folder: "/etc/tproxy") + """
                printf 'flush ruleset\\ntable inet filter {}\\n' > /etc/nftables.conf
                systemctl enable nftables.service
                \(Self.export) --enable
                \(commands)
                """
        try await SystemdMachine.boot(preparing: prepare, body)
    }

    private func isIntact(_ machine: SystemdMachine) async throws -> Bool {
        try await machine.settle()
        return try await machine.run("tproxy", ["status"]).status == 0
    }

    @Test(arguments: ["default", "dns-resolvers", "everything"])
    func bootLoadsWhatApplyLoads(name: String) async throws {
        let folder = try scenario(name).folder.path
        var applied = ""
        try await Sandbox.with { sandbox in
            // As on the machine, where the table of nftables.service selects netlink.
            let apply = try await sandbox.tproxy(
                [
                    "apply", "--submit", "netlink", "--config", "tproxy.yaml", "--facts",
                    "facts.json",
                ], in: folder)
            #expect(apply.status == 0, "\(apply.errors)")
            applied = try await sandbox.shell(Self.listing + "; ip -6 -oneline address show lo")
        }
        try await boot(name) { machine in
            let status = try await machine.run("tproxy", ["status"])
            let log = try await machine.shell("cat /run/units.log")
            #expect(status.status == 0, "\(status.errors)\(log)")
            let booted = try await machine.shell(Self.listing + "; ip -6 -oneline address show lo")
            #expect(TableListing.withoutTime(booted) == TableListing.withoutTime(applied))
            let diff = try await machine.run(
                "tproxy",
                [
                    "diff", "--config", "/etc/tproxy/tproxy.yaml", "--facts",
                    "/etc/tproxy/facts.json",
                ])
            #expect(diff.status == 0, "\(diff.output)\(diff.errors)")
            let tables = try await machine.shell("nft list tables")
            #expect(tables.contains("table inet filter"))
        }
    }

    /// Its file begins with `flush ruleset`; stopping it flushes too.
    @Test func rulesReturnAfterNftablesServiceFlushes() async throws {
        try await boot("default") { machine in
            #expect(try await isIntact(machine))
            for action in ["restart", "reload"] {
                try await machine.shell("systemctl \(action) nftables.service")
                #expect(try await isIntact(machine), "\(action)")
            }
            try await machine.shell("systemctl stop nftables.service")
            #expect(try await !isIntact(machine))
            #expect(try await machine.run("systemctl", ["is-failed", "tproxy-mesh"]).status != 0)
            try await machine.shell("systemctl start nftables.service")
            #expect(try await isIntact(machine))
        }
    }

    @Test func unitStartsBeforeTheNetworkAndAfterTheFlush() async throws {
        try await boot("default") { machine in
            let order = try await machine.shell(
                "systemctl show --property=Before --property=After tproxy-mesh.service")
            let lines = order.split(separator: "\n")
            #expect(lines.contains { $0.hasPrefix("Before=") && $0.contains("network-pre.target") })
            #expect(lines.contains { $0.hasPrefix("After=") && $0.contains("nftables.service") })
            #expect(lines.contains { $0.hasPrefix("After=") && !$0.contains("sysinit.target") })
        }
    }

    @Test func stopRemovesTheRulesAndReloadReadsTheConfiguration() async throws {
        try await boot("default") { machine in
            try await machine.shell(
                """
                echo 'redirect: {outbound: {port: 16001}}' > /etc/tproxy/tproxy.yaml
                systemctl reload tproxy-mesh.service
                """)
            #expect(try await machine.shell(Self.listing).contains("redirect to :16001"))
            try await machine.shell("systemctl stop tproxy-mesh.service")
            #expect(try await machine.shell("nft list tables") == "table inet filter\n")
            #expect(try await !machine.shell("ip -6 address show lo").contains("::6"))
        }
    }

    /// A command of the unit, run by systemd, has no further privileges.
    @Test func sandboxOfTheUnitDeniesEverythingElse() async throws {
        let dropIn = """
            mkdir /etc/systemd/system/tproxy-mesh.service.d
            cat > /etc/systemd/system/tproxy-mesh.service.d/look.conf <<'END'
            [Service]
            ExecStartPre=/bin/sh -c 'grep -E "^(Cap|NoNew|Seccomp:)" /proc/self/status'
            ExecStartPre=/bin/sh -c '! touch /etc/proof && ! touch /usr/proof && ! touch /run/proof'
            ExecStartPre=/bin/sh -c '! ls /home/proof && ! ls /tmp/proof'
            END
            touch /home/proof /tmp/proof
            """
        try await boot("default", adding: dropIn) { machine in
            let isIntact = try await isIntact(machine)
            let log = try await machine.shell("cat /run/units.log")
            #expect(isIntact, "\(log)")
            for line in [
                "CapEff:\t0000000000001000", "CapBnd:\t0000000000001000",
                "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2",
            ] {
                #expect(log.contains(line + "\n"), "\(log)")
            }
        }
    }

    @Test func removeLeavesNoUnit() async throws {
        let record = "find /etc -newer /etc/tproxy/facts.json | sort > /run/left"
        try await boot("default", adding: "tproxy export systemd --remove; " + record) { machine in
            let left = try await machine.shell("cat /run/left")
            #expect(!left.contains("tproxy-mesh"), "\(left)")
            #expect(try await machine.shell("nft list tables") == "table inet filter\n")

            // The same while systemd runs.
            try await machine.shell(Self.export + " --enable && systemctl start tproxy-mesh")
            #expect(try await isIntact(machine))
            try await machine.shell("tproxy export systemd --remove")
            #expect(try await machine.run("systemctl", ["cat", "tproxy-mesh"]).status != 0)
            #expect(
                try await machine.shell("find /etc/systemd -name '*tproxy*'") == "")
        }
    }

    @Test func editedUnitIsRefusedAndStays() async throws {
        let commands = """
            unit=/etc/systemd/system/tproxy-mesh.service
            echo >> $unit
            cp $unit /run/edited
            ! \(Self.export) 2> /run/refusals
            ! tproxy export systemd --remove 2>> /run/refusals
            cmp $unit /run/edited
            """
        try await boot("default", adding: commands) { machine in
            let refusals = try await machine.shell("cat /run/refusals")
            #expect(refusals.split(separator: "\n").count { $0.contains("[edited-file]") } == 2)
            // It is still enabled and still works.
            #expect(try await isIntact(machine))
        }
    }

    /// Whatever is in a path, flag, variable or fact, systemd passes it on unchanged.
    @Test func systemdPassesHostileArgumentsUnchanged() async throws {
        let hostile = [
            "two words", "100%i %% %", "$HOME ${HOME} $$ $", #"a"b'c\d\n\x41"#, "line\nExecStop=/x",
            "tab\tand\u{1}", ";", "#", "größe 網", "-", "@:+!-", "[Install]", " ", "\\", "$",
        ]
        let unit = SystemdUnit(
            instance: .mesh, program: "/opt/a b%i$HOME/show", configurationFiles: hostile,
            flags: hostile.map { "--vnet=" + $0 },
            environment: [
                .init("KUMA_TRANSPARENT_PROXY_A", "x\ny %i $HOME \"'\\ "),
                .init("KUMA_TRANSPARENT_PROXY_B", ""),
            ],
            facts: "{\n  \"reason\" : \"\\\"100%i\\\\n $HOME\"\n}")
        let prepare =
            SystemdMachine.writing(
                """
                #!/bin/sh
                printf '%s\\0' "$@" > /run/show/arguments
                env -0 > /run/show/variables
                cat > /run/show/input
                """, to: "/opt/a b%i$HOME/show")
            + SystemdMachine.writing(
                try unit.body() + "[Service]\nRuntimeDirectory=show\n",
                to: "/etc/systemd/system/tproxy-mesh.service")
            + "chmod +x '/opt/a b%i$HOME/show'; systemctl enable tproxy-mesh.service"
        try await SystemdMachine.boot(preparing: prepare) { machine in
            let arguments = try await machine.shell("cat /run/show/arguments")
            let expected =
                ["apply", "--instance", "mesh"] + hostile.flatMap { ["--config", $0] }
                + ["--facts", "-"] + hostile.map { "--vnet=" + $0 }
            #expect(
                arguments.split(separator: "\0", omittingEmptySubsequences: false).dropLast()
                    .map(String.init) == expected)
            let variables = try await machine.shell("cat /run/show/variables").split(
                separator: "\0")
            #expect(variables.contains("KUMA_TRANSPARENT_PROXY_A=x\ny %i $HOME \"'\\ "))
            #expect(variables.contains("KUMA_TRANSPARENT_PROXY_B="))
            let input = try await machine.shell("cat /run/show/input")
            #expect(input == "{\n\"reason\" : \"\\\"100%i\\\\n $HOME\"\n}\n")
        }
    }
}
