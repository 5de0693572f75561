import Foundation
import Testing
import TproxyTestSupport

/// The preflight finds conflicts, and is silent on a clean host.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct PreflightTests {
    private func take(
        _ steps: [PreflightConflict.Step], on host: inout PreflightHost
    ) async throws {
        for step in steps {
            switch step {
            case .shell(let command): try await host.sandbox.shell(command)
            case .process(let user, let sockets): try await host.run(as: user, sockets)
            case .end: try await host.end()
            }
        }
    }

    /// No finding before, one with the conflict, and none after its remedy.
    @Test(arguments: PreflightConflict.rules + PreflightConflict.hosts)
    func conflictIsFoundAndItsRemedyEndsTheFinding(conflict: PreflightConflict) async throws {
        try await PreflightHost.with { host in
            try await host.run(as: 5678, PreflightHost.proxy)
            #expect(try await host.findings() == [])
            try await take(conflict.plant, on: &host)
            #expect(try await host.findings(conflict.yaml) == [conflict.id])
            try await take(conflict.remedy, on: &host)
            #expect(try await host.findings(conflict.remedyYAML ?? conflict.yaml) == [])
        }
    }

    @Test func reportMatchesItsSchema() async throws {
        try await PreflightHost.with { host in
            try await host.run(as: 5678, PreflightHost.proxy)
            try await host.sandbox.shell(
                """
                iptables-nft -t nat -N DOCKER; iptables-legacy -t nat -A OUTPUT -j RETURN
                iptables-nft -A INPUT -m conntrack --ctstate NEW,RELATED -j ACCEPT
                nft -f - <<'E'
                table inet wall {
                    set open { type inet_service; elements = { 22, 80 } }
                    chain sub { meta mark 1 return; }
                    chain input {
                        type filter hook input priority filter; policy drop;
                        ct state vmap { established : accept, invalid : drop }
                        tcp dport @open goto sub
                        ip saddr != 192.0.2.0/24 jump sub
                    }
                }
                E
                """)
            let report = try await host.sandbox.tproxy(
                ["preflight", "--output", "json", "--kuma-dp-user", "1"],
                environment: ["SSH_CONNECTION": "192.0.2.2 50000 192.0.2.1 22"])
            #expect(report.output.contains("listener-owner"))
            #expect(try await JSONSchemaCheck.problems(report.output, "preflight-2") == "")
        }
    }

    @Test func rootWithoutPtraceIsNotToldToBecomeRoot() async throws {
        try await PreflightHost.with { host in
            try await host.run(as: 1000, ["tcp,0.0.0.0,15001"])
            let report = try await host.sandbox.shell(
                "setpriv --bounding-set -sys_ptrace \(Command.tproxy) preflight --kuma-dp-user 5678"
                    + " 2>&1; true")
            #expect(report.contains("the owners of sockets (root may not read a process here"))
            #expect(!report.contains("needs root") && !report.contains("run it as root"))
        }
    }

    @Test func openConnectionsAreCounted() async throws {
        try await PreflightHost.with { host in
            let peer = try await host.addPeer()
            try await host.run(as: 0, ["tcp,192.0.2.2,80"], in: peer)
            // The proxy's own connections don't count.
            try await host.run(as: 5678, PreflightHost.proxy + ["connect,192.0.2.2,80"])
            #expect(try await host.findings() == [])
            try await host.run(as: 1000, ["connect,192.0.2.2,80", "connect,192.0.2.2,80"])
            #expect(try await host.findings() == ["open-connections"])
            let applied = try await host.sandbox.tproxy(["apply", "--kuma-dp-user", "5678"])
            #expect(applied.errors.contains("2 open connections would"), "\(applied.errors)")
            // Once the rules are loaded, connections may be redirected ones.
            #expect(try await host.findings() == [])
        }
    }

    /// Flows of earlier queries aren't redirected until conntrack forgets them.
    @Test func earlierDNSQueriesAreCounted() async throws {
        try await PreflightHost.with { host in
            let dns = "redirect: {dns: {enabled: true, captureAll: true}}"
            try await host.run(as: 5678, PreflightHost.proxy + ["udp,::,15053"])
            try await host.sandbox.shell(
                """
                iptables-nft -A OUTPUT -m conntrack --ctstate NEW -j ACCEPT
                bash -c 'echo > /dev/udp/192.0.2.2/53; echo > /dev/udp/192.0.2.2/54'
                """)
            #expect(try await host.findings(dns) == ["open-dns-flows"])
            #expect(try await host.findings() == [])
            try await host.sandbox.shell("conntrack -D -p udp --dport 53")
            #expect(try await host.findings(dns) == [])
        }
    }

    /// A resolver on this host that isn't the proxy queries others, and is redirected.
    @Test func resolverOfTheHostIsReportedAsALoop() async throws {
        try await PreflightHost.with { host in
            let file = try await host.sandbox.shell(
                """
                sysctl -q -w net.ipv4.ip_unprivileged_port_start=0
                file=$(mktemp); echo nameserver 127.0.0.53 > $file; echo $file
                """
            ).trimmingCharacters(in: .whitespacesAndNewlines)
            defer { try? FileManager.default.removeItem(atPath: file) }
            let dns = """
                redirect:
                  dns: {enabled: true, captureAll: true, resolvConfigPath: \(file)}

                """
            try await host.run(as: 5678, PreflightHost.proxy + ["udp,::,15053"])
            #expect(try await host.findings(dns) == [])
            try await host.run(as: 101, ["udp,127.0.0.53,53"])
            #expect(try await host.findings(dns) == ["resolver-loop"])
            let excluding = dns + "  outbound: {excludePortsForUIDs: [\"udp:53:101\"]}\n"
            #expect(try await host.findings(excluding) == [])
        }
    }

    /// The port of the SSH session counts, whichever port sshd listens on.
    @Test func portOfTheSSHSessionIsFound() async throws {
        try await PreflightHost.with { host in
            try await host.run(as: 5678, PreflightHost.proxy)
            try await host.run(as: 0, ["tcp,0.0.0.0,2222"])
            #expect(try await host.findings() == [])
            let said = try await host.sandbox.tproxy(
                ["preflight", "--kuma-dp-user", "5678"],
                environment: ["SSH_CONNECTION": "192.0.2.2 50000 192.0.2.1 2222"])
            #expect(said.output.contains("new logins on port 2222 are redirected"), "\(said)")
        }
    }

    /// A clean host has no finding with rules of any backend.
    @Test(arguments: ["nft", "iptables-nft", "iptables-legacy"])
    func ourOwnRulesAreNoConflictForAnyBackend(backend: String) async throws {
        try await PreflightHost.with { host in
            try await host.run(as: 5678, PreflightHost.proxy + ["udp,::,15053"])
            try await host.run(as: 1000, ["tcp,::,8080"])
            let yaml = "redirect: {dns: {enabled: true, captureAll: true}}\n"
            for _ in 1...2 {
                #expect(try await host.findings(yaml, backend: backend) == [])
                let applied = try await host.sandbox.tproxy(
                    [
                        "apply", "--strict", "--backend", backend, "--kuma-dp-user", "5678",
                        "--config", "-",
                    ], input: yaml)
                #expect(applied.status == 0, "\(applied.errors)")
                #expect(applied.errors.isEmpty)
            }
        }
    }

    @Test func strictRefusesBeforeAnythingChanges() async throws {
        try await PreflightHost.with { host in
            let apply = ["apply", "--kuma-dp-user", "0"]
            let before = try await host.sandbox.state()
            let refused = try await host.sandbox.tproxy(apply + ["--strict"])
            #expect(refused.status == 1)
            #expect(refused.output.isEmpty)
            #expect(refused.errors.contains("warning: the proxy's user is root"))
            #expect(refused.errors.contains("[warnings-refused]"), "\(refused.errors)")
            #expect(try await host.sandbox.state() == before)
            let planned = try await host.sandbox.tproxy(
                ["plan", "--kuma-dp-user", "0", "--strict"])
            #expect(planned.status == 1 && planned.errors.contains("[warnings-refused]"))

            // Notes alone refuse nothing: at boot the proxy usually doesn't listen yet.
            let noted = try await host.sandbox.tproxy(
                ["apply", "--kuma-dp-user", "5678", "--strict"])
            #expect(noted.status == 0 && noted.errors.contains("[no-listener]"))
            let silent = try await host.sandbox.tproxy(apply + ["--no-preflight"])
            #expect(silent.status == 0 && !silent.errors.contains("root-proxy-user"))
        }
    }

    /// The real firewalld, and its remedies.
    @Test func firewalldIsReportedUntilItsRemediesAreApplied() async throws {
        try await PreflightHost.with { host in
            try await host.run(as: 5678, PreflightHost.proxy)
            let said = try await host.sandbox.shell(
                "unshare --mount sh -s <<'END'\n\(Self.firewalldSession)\nEND")
            let parts = said.split(separator: "then\n", omittingEmptySubsequences: false)
            try #require(parts.count == 3, "\(said)")
            #expect(parts[0].contains("[firewalld-rejects-ipv6]"), "\(said)")
            #expect(parts[0].contains("[firewalld-bypassed]"))
            #expect(!parts[1].contains("[firewalld-rejects-ipv6]"), "\(said)")
            #expect(parts[1].contains("[firewalld-bypassed]"))
            #expect(parts[2].contains("no conflicts"), "\(said)")
        }
    }

    /// firewalld on a new bus and with a copy of its configuration, and three preflights.
    private static let firewalldSession = """
        folder=$(mktemp -d)
        cp -r /etc/firewalld $folder/etc && mount --bind $folder/etc /etc/firewalld
        sed -i 's/^RFC3964_IPv4=.*/RFC3964_IPv4=yes/' /etc/firewalld/firewalld.conf
        cat > $folder/bus.conf <<C
        <busconfig><type>system</type><listen>unix:path=$folder/bus</listen><auth>EXTERNAL</auth>
        <policy context="default"><allow user="*"/><allow own="*"/>
        <allow send_type="method_call"/><allow send_destination="*"/><allow receive_sender="*"/>
        </policy></busconfig>
        C
        export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$folder/bus
        dbus-daemon --config-file=$folder/bus.conf --nofork --nopidfile > /dev/null 2>&1 & bus=$!
        until [ -S $folder/bus ]; do sleep 0.1; done
        /usr/bin/python3 -sP /usr/sbin/firewalld --nofork --nopid --log-file=$folder/log \
            > /dev/null 2>&1 & firewalld=$!
        for try in $(seq 100); do firewall-cmd --state > /dev/null 2>&1 && break; sleep 0.1; done
        preflight='\(Command.tproxy) preflight --kuma-dp-user 5678'
        $preflight; echo then
        sed -i 's/^RFC3964_IPv4=.*/RFC3964_IPv4=no/' /etc/firewalld/firewalld.conf
        firewall-cmd --reload > /dev/null
        $preflight; echo then
        echo 'redirect: {inbound: {includePorts: [8080]}}' | $preflight --config -
        kill $firewalld; wait $firewalld; kill $bus; umount /etc/firewalld; rm -rf $folder
        """
}
