import Foundation
import JSON
import Testing
import TproxyTestSupport

/// Which sockets the plugin opens, pods with a user namespace, and pods that lose a rule.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct CNIProofTests {
    /// The configuration of a pod, for `tproxy validate`.
    private static let configuration = [
        "--kuma-dp-user", "5678", "--redirect-all-dns-traffic", "--exclude-inbound-ports", "9001",
    ]
    /// Gives a pod an interface with a route to other hosts.
    private static let network = """
        ip link set lo up; ip link add eth0 type veth peer name eth1
        ip link set eth0 up; ip link set eth1 up
        ip address add 10.9.0.2/24 dev eth0; ip -6 address add fd09::2/64 dev eth0 nodad
        ip route add default via 10.9.0.1; ip -6 route add default via fd09::1
        """

    // MARK: Sockets

    /// No name service, no API server: nothing but the kernel and, at most, the node agent.
    @Test func addOpensNetlinkAndUnixSocketsOnly() async throws {
        let folder = try TestFolder()
        let trace = folder.path(of: "trace")
        try await CNIPluginTests.Node.with { host in
            let outcome = try await host.call(
                "ADD", wrapper: ["strace", "-f", "-e", "trace=network", "-o", trace])
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
            #expect(try await host.rules(of: host.pod).contains("redirect to :15001"))
        }
        let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        let families = lines.flatMap { line in
            line.matches(of: /\b(?:AF|PF)_([A-Z0-9]+)/).map { String($0.1) }
        }
        #expect(families.contains("NETLINK"), "\(lines)")
        #expect(Set(families).isSubset(of: ["NETLINK", "UNIX", "LOCAL"]), "\(lines)")
        #expect(lines.contains { $0.contains("socket(AF_NETLINK") })
    }

    // MARK: hostUsers: false

    /// Runs `body` with a pod whose network namespace belongs to a user namespace of its own, with the
    /// users 0 to 65535 of the pod as 100000 to 165535 of the node.
    private static func withOwnUsers(
        _ body: (_ node: Sandbox, _ pod: String, _ entry: String) async throws -> Void
    ) async throws {
        try await Sandbox.with { node in
            let process =
                try await node.shell(
                    """
                    unshare --user --net sleep 100 > /dev/null 2>&1 < /dev/null & pod=$!
                    until [ "$(readlink /proc/$pod/ns/net)" != "$(readlink /proc/self/ns/net)" ] &&
                        [ "$(readlink /proc/$pod/ns/user)" != "$(readlink /proc/self/ns/user)" ]
                    do kill -0 $pod || exit 1; done
                    echo 0 100000 65536 > /proc/$pod/uid_map; echo 0 100000 65536 > /proc/$pod/gid_map
                    echo $pod
                    """
                ).split(separator: "\n").last.map(String.init) ?? ""
            let spaces = "/proc/\(process)/ns"
            let entry = "nsenter --user=\(spaces)/user --net=\(spaces)/net --setuid 0 --setgid 0"
            do {
                try await node.shell("\(entry) sh -ec '\(Self.network)'")
                try await body(node, "\(spaces)/net", entry)
            } catch {
                _ = try? await node.shell("kill \(process)")
                throw error
            }
            try await node.shell("kill \(process)")
        }
    }

    @Test func aPodWithUsersOfItsOwnIsRedirected() async throws {
        try await Self.withOwnUsers { node, pod, entry in
            let configuration: JSONValue = [
                "cniVersion": "1.1.0", "name": "net", "type": "tproxy-cni",
                "prevResult": CNIPluginTests.Node.previous("1.1.0"),
                "runtimeConfig": [
                    "io.kubernetes.cri.pod-annotations": ["kuma.io/sidecar-injected": "true"]
                ],
            ]
            for command in ["ADD", "CHECK"] {
                let outcome = try await node.run(
                    Command.plugin,
                    environment: [
                        "CNI_COMMAND": command, "CNI_CONTAINERID": "c1", "CNI_NETNS": pod,
                        "CNI_IFNAME": "eth0",
                        "CNI_ARGS": "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web",
                    ], input: configuration.text(.compact))
                #expect(outcome.status == 0, "\(command): \(outcome.output)")
            }
            // The pod's own UID 5678 is the proxy, and its UID 40000 an application.
            let words = entry.split(separator: " ").map(String.init)
            let outcome = try await node.run(
                words[0],
                Array(words.dropFirst()) + [Command.tproxy, "validate"] + Self.configuration)
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
            #expect(outcome.output.contains("12 of 12 paths proved"), "\(outcome.output)")
        }
    }

    // MARK: A lost rule

    /// The validator names the path, and CHECK the rule.
    @Test(arguments: [
        ("redirect to :15006", "IPv4 inbound"), ("redirect to :15001", "IPv4 outbound"),
        ("redirect to :15053", "IPv4 dns"),
    ])
    func aLostRuleIsNamedByTheValidatorAndByCheck(rule: String, path: String) async throws {
        try await CNIPluginTests.Node.with { host in
            try await host.pod.shell(Self.network)
            #expect(try await host.call("ADD").status == 0)
            let whole = try await host.pod.tproxy(["validate"] + Self.configuration)
            #expect(whole.status == 0, "\(whole.output)\(whole.errors)")
            #expect(try await host.call("CHECK").status == 0)

            try await host.pod.shell(
                """
                nft -a list table inet tproxy_mesh | awk '
                    $1 == "chain" { chain = $2 }
                    /\(rule)/ { print "delete rule inet tproxy_mesh", chain, "handle", $NF }
                ' | nft -f -
                """)
            let lost = try await host.pod.tproxy(
                ["validate", "--timeout", "2"] + Self.configuration)
            #expect(lost.status == 2, "\(lost.output)")
            #expect(lost.errors.contains("the path '\(path)' is broken"), "\(lost.errors)")
            let error = try host.error(try await host.call("CHECK"))
            #expect((error.code ?? 0) >= 100)
            let port = rule.split(separator: ":").last ?? ""
            #expect(
                error.message.contains("pod shop/web") && error.message.contains("missing:")
                    && error.message.contains("port \(port)"), "\(error.message)")
        }
    }
}
