import Foundation
import Testing
import TproxyTestSupport

/// Virtual networks redirect connections to containers; the preflight names two exclusions.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct PublishedPortTests {
    /// Two containers, a port that is published as by Docker, a proxy, and a client at 192.0.2.2.
    ///
    /// Each server answers with its name.
    private static let host = """
        answer() {
            setsid nsenter --net=$1 setpriv --reuid $2 --clear-groups /usr/bin/python3 -c '
        import socket, sys
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("0.0.0.0", int(sys.argv[1])))
        one.listen()
        while True:
            peer, _ = one.accept()
            peer.sendall(sys.argv[2].encode())
            peer.close()
        ' $3 $4 > /dev/null 2>&1 < /dev/null &
            echo $!
        }
        holder() {
            unshare --net sleep 600 > /dev/null 2>&1 < /dev/null & place=$!
            until [ "$(readlink /proc/$place/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do
                sleep 0.05
            done
        }
        sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.ip_unprivileged_port_start=0
        for name in eth0 ctr1 ctr2; do
            holder
            ip link add $name type veth peer name there
            ip link set there netns $place
            ip link set $name up
            nsenter --net=/proc/$place/ns/net sh -c '
                ip link set lo up; ip link set there up
                sysctl -q -w net.ipv4.ip_unprivileged_port_start=0'
            case $name in
                eth0) ip addr add 192.0.2.1/24 dev eth0; peer=$place
                    nsenter --net=/proc/$place/ns/net ip addr add 192.0.2.2/24 dev there ;;
                *) number=$((${name#ctr} + 1))
                    ip addr add 172.17.0.1/32 dev $name
                    ip route add 172.17.0.$number dev $name
                    nsenter --net=/proc/$place/ns/net sh -c "
                        ip addr add 172.17.0.$number/32 dev there
                        ip route add 172.17.0.1 dev there; ip route add default via 172.17.0.1" ;;
            esac
            [ $name != ctr1 ] || first=$place
            echo $place
        done
        answer /proc/$first/ns/net 1000 80 container
        answer /proc/self/ns/net 5678 15006 inbound
        answer /proc/self/ns/net 5678 15001 outbound
        iptables-nft -t nat -N DOCKER
        iptables-nft -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
        iptables-nft -t nat -A DOCKER ! -i ctr1 -p tcp --dport 8080 -j DNAT --to 172.17.0.2:80
        """

    private static let networks = """
        ipFamilyMode: ipv4
        kumaDPUser: "5678"
        redirect:
          vnet: {networks: ["ctr+:172.17.0.0/16"]}

        """
    private static let exclusions = """
          inbound: {excludePorts: [8080], excludePortsForIPs: [172.17.0.0/16]}

        """

    /// The name of the server that answers at an address, from a namespace.
    private func answerer(
        _ sandbox: Sandbox, from place: String, at address: String
    ) async throws -> String {
        try await sandbox.shell(
            """
            nsenter --net=/proc/\(place)/ns/net /usr/bin/python3 -c '
            import socket, time
            end = time.monotonic() + 30
            while True:
                try:
                    one = socket.create_connection(("\(address)", \(address.hasPrefix("192") ? 8080 : 80)), 30)
                    break
                except ConnectionRefusedError:
                    if time.monotonic() > end:
                        raise
                    time.sleep(0.05)
            print(one.recv(64).decode(), end="")
            '
            """)
    }

    private struct Report: Decodable {
        struct Finding: Decodable {
            var id: String
            var seen: String
            var remedy: String
        }

        var findings: [Finding]
    }

    private func findings(
        _ sandbox: Sandbox, _ yaml: String, _ backend: String
    ) async throws -> [Report.Finding] {
        let said = try await sandbox.tproxy(
            ["preflight", "--output", "json", "--backend", backend, "--config", "-"], input: yaml)
        try #require([0, 2].contains(said.status), "\(said.errors)")
        return try JSONDecoder().decode(Report.self, from: Data(said.output.utf8)).findings
            .filter { $0.id == "vnet-inbound" }
    }

    @Test(arguments: ["nft", "iptables-nft", "iptables-legacy"])
    func exclusionsOfTheRemedyKeepContainersReachable(backend: String) async throws {
        try await Sandbox.with { sandbox in
            let processes = try await sandbox.shell(Self.host).split(separator: "\n").map(
                String.init)
            let outcome: Result<Void, any Error>
            do {
                let (peer, other) = (processes[0], processes[2])
                for (yaml, answerer, count) in [
                    (Self.networks, "inbound", 1),
                    (Self.networks + Self.exclusions, "container", 0),
                ] {
                    let found = try await findings(sandbox, yaml, backend)
                    #expect(found.count == count, "\(found)")
                    for finding in found {
                        #expect(finding.seen.contains("published port 8080"))
                        #expect(finding.remedy.contains("8080 to redirect.inbound.excludePorts "))
                        #expect(
                            finding.remedy.contains(
                                "172.17.0.0/16 to redirect.inbound.excludePortsForIPs"))
                    }
                    let applied = try await sandbox.tproxy(
                        ["apply", "--backend", backend, "--config", "-"], input: yaml)
                    #expect(applied.status == 0, "\(applied.errors)")
                    #expect(
                        try await self.answerer(sandbox, from: peer, at: "192.0.2.1") == answerer)
                    #expect(
                        try await self.answerer(sandbox, from: other, at: "172.17.0.2") == answerer)
                }
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            try await sandbox.shell("kill -KILL \(processes.joined(separator: " "))")
            try outcome.get()
        }
    }
}
