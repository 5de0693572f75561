import Testing
import TproxyTestSupport

/// Docker's chain in the tables of either flavour, or in a table of nftables, without a dockerd.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct DockerFlavourTests {
    /// Where Docker's rules are, the backends that load, and the remedy in the error of the others.
    struct Place: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var plant: String
        var loads: [String]
        var remedy: String
    }

    private static let places = [
        Place(
            testDescription: "iptables-nft", plant: rules("iptables-nft"),
            loads: ["nft", "iptables-nft", "iptables"], remedy: "use --backend iptables-nft, or nft"
        ),
        Place(
            testDescription: "iptables-legacy", plant: rules("iptables-legacy"),
            loads: ["nft", "iptables-legacy", "iptables"],
            remedy: "use --backend iptables-legacy, or nft"),
        Place(
            testDescription: "nftables",
            plant: """
                nft -f - <<'E'
                table ip docker-dns {
                    chain dns-dnat {
                        type nat hook output priority -100;
                        ip daddr 127.0.0.11 udp dport 53 counter dnat to 127.0.0.11:40053
                    }
                    chain dns-snat {
                        type nat hook postrouting priority 100;
                        ip saddr 127.0.0.11 udp sport 40053 counter snat to :53
                    }
                }
                E
                """, loads: ["nft"], remedy: "use --backend nft"),
    ]

    private static func rules(_ iptables: String) -> String {
        """
        \(iptables) -t nat -N DOCKER_OUTPUT
        \(iptables) -t nat -A OUTPUT -d 127.0.0.11/32 -j DOCKER_OUTPUT
        \(iptables) -t nat -A DOCKER_OUTPUT -d 127.0.0.11/32 -p udp --dport 53 -j DNAT \
            --to-destination 127.0.0.11:40053
        """
    }

    private static let configuration = """
        redirect: {dns: {enabled: true}}

        """

    @Test(arguments: places)
    func backendThatCannotJumpToDockersChainIsRefused(place: Place) async throws {
        try await PreflightHost.with { host in
            try await host.run(as: 0, ["udp,127.0.0.11,40053"])
            try await host.run(as: 5678, PreflightHost.proxy + ["udp,::,15053"])
            try await host.sandbox.shell(place.plant)
            let resolvConf = try await host.sandbox.shell(
                "file=$(mktemp); echo nameserver 127.0.0.11 > $file; printf $file")
            let yaml = Self.configuration.replacing(
                "enabled: true", with: "enabled: true, resolvConfigPath: \(resolvConf)")
            for backend in ["nft", "iptables-nft", "iptables-legacy", "iptables"] {
                let arguments = ["--backend", backend, "--kuma-dp-user", "5678", "--config", "-"]
                let loads = place.loads.contains(backend)
                // Docker's own rules conflict with nothing.
                #expect(
                    try await host.findings(yaml, backend: backend)
                        == (loads ? [] : ["docker-flavour"]), "\(backend)")
                let before = try await state(host)
                let planned = try await host.sandbox.tproxy(["plan"] + arguments, input: yaml)
                #expect(planned.errors.contains("[docker-flavour]") == !loads, "\(planned.errors)")
                for more in [[], ["--no-preflight"]] {
                    let applied = try await host.sandbox.tproxy(
                        ["apply"] + arguments + more, input: yaml)
                    #expect(applied.status == (loads ? 0 : 1), "\(backend): \(applied.errors)")
                    if loads { continue }
                    #expect(applied.errors.contains("help: \(place.remedy)\n"), "\(applied.errors)")
                    // The error is reported once, and not by the preflight as well.
                    #expect(!applied.errors.contains("[docker-flavour]"), "\(applied.errors)")
                    #expect(try await state(host) == before)
                }
                if loads {
                    #expect(try await host.sandbox.tproxy(["remove"]).status == 0)
                }
            }
            _ = try await host.sandbox.run("rm", [resolvConf])
        }
    }

    /// Docker's own table, at priority -100, gets the proxy's queries after our chain, and no
    /// others.
    @Test func proxysQueriesReachDockersNftTable() async throws {
        let place = try #require(Self.places.last)
        try await PreflightHost.with { host in
            try await host.run(as: 0, ["udp,127.0.0.11,40053"])
            try await host.sandbox.shell(place.plant)
            let applied = try await host.sandbox.tproxy(
                ["apply", "--kuma-dp-user", "5678", "--config", "-"],
                input: "redirect: {dns: {enabled: true, captureAll: true}}")
            #expect(applied.status == 0, "\(applied.errors)")
            for (user, packets) in [(1000, 0), (5678, 1), (0, 1)] {
                try await host.sandbox.shell(
                    "setpriv --reuid \(user) --clear-groups bash -c 'echo > /dev/udp/127.0.0.11/53'"
                )
                let table = try await host.sandbox.shell("nft list chain ip docker-dns dns-dnat")
                #expect(table.contains("counter packets \(packets) "), "\(user): \(table)")
            }
        }
    }

    /// Without redirected queries, no rule jumps to Docker's chain.
    @Test func anyFlavourIsAcceptedWithoutRedirectedQueries() async throws {
        try await PreflightHost.with { host in
            try await host.run(as: 0, ["udp,127.0.0.11,40053"])
            try await host.run(as: 5678, PreflightHost.proxy)
            try await host.sandbox.shell(Self.rules("iptables-legacy"))
            let applied = try await host.sandbox.tproxy(
                ["apply", "--backend", "iptables-nft", "--kuma-dp-user", "5678"])
            #expect(applied.status == 0, "\(applied.errors)")
        }
    }

    private func state(_ host: PreflightHost) async throws -> String {
        let tables = "/proc/thread-self/net/ip_tables_names"
        return try await host.sandbox.state()
            + host.sandbox.shell(
                "cat \(tables); for table in $(cat \(tables)); do iptables-legacy-save -t $table"
                    + " | grep -v '^[#:]'; done")
    }
}
