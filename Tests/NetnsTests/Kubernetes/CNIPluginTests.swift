import Foundation
import JSON
import Testing
import TproxyTestSupport

/// `tproxy-cni` with a real network namespace as the pod's, called from another one.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct CNIPluginTests {
    private static let injected = ["kuma.io/sidecar-injected": "true"]
    private static let versions = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"]

    /// A node and one pod on it.
    struct Node {
        let node: Sandbox
        let pod: Sandbox

        static func with(_ body: (Node) async throws -> Void) async throws {
            try await Sandbox.with { node in
                try await Sandbox.with { pod in
                    try await body(Node(node: node, pod: pod))
                }
            }
        }

        static func previous(_ version: String) -> JSONValue {
            ["cniVersion": .string(version), "ips": [["address": "10.1.0.5/16"]]]
        }

        /// Calls the plugin, by the program and the arguments of `wrapper` if there are any.
        func call(
            _ command: String, _ annotations: [String: String] = CNIPluginTests.injected,
            version: String = "1.1.0", environment: [String: String] = [:],
            files: [String] = [], wrapper: [String] = []
        ) async throws -> Command.Outcome {
            let configuration: JSONValue = [
                "cniVersion": .string(version), "name": "net", "type": "tproxy-cni",
                "prevResult": Self.previous(version),
                "configFiles": .array(files.map { .string($0) }),
                "runtimeConfig": [
                    "io.kubernetes.cri.pod-annotations": .object(
                        annotations.mapValues { .string($0) })
                ],
            ]
            let words = wrapper + [Command.plugin]
            return try await node.run(
                words[0], Array(words.dropFirst()),
                environment: [
                    "CNI_COMMAND": command, "CNI_CONTAINERID": "c1",
                    "CNI_NETNS": pod.networkPath, "CNI_IFNAME": "eth0",
                    "CNI_ARGS": "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web",
                ].merging(environment) { $1 }, input: configuration.text(.compact))
        }

        func error(_ outcome: Command.Outcome) throws -> (code: Int?, message: String) {
            #expect(outcome.status == 1)
            let json = try JSONValue(parsing: outcome.output)
            return (json["code"]?.number, json["msg"]?.string ?? "")
        }

        func rules(of sandbox: Sandbox) async throws -> String {
            try await sandbox.shell("nft --stateless list ruleset")
        }
    }

    @Test(arguments: versions)
    func addLoadsThePodsRulesAndNothingOnTheNode(version: String) async throws {
        try await Node.with { host in
            let before = try await host.node.state()
            let outcome = try await host.call("ADD", version: version)
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(try JSONValue(parsing: outcome.output) == Node.previous(version))
            #expect(outcome.errors.isEmpty)
            #expect(try await host.node.state() == before)
            let rules = try await host.rules(of: host.pod)
            #expect(rules.contains("table inet tproxy_mesh"))
            #expect(rules.contains("redirect to :15001") && rules.contains("redirect to :15006"))
            #expect(rules.contains("redirect to :15053") && rules.contains("5678"))
        }
    }

    /// The rules are those that `apply` loads for the same configuration.
    @Test func addLoadsWhatApplyWouldLoad() async throws {
        try await Node.with { host in
            let annotations = Self.injected.merging([
                "traffic.kuma.io/exclude-outbound-ports": "5432,6379",
                "traffic.kuma.io/exclude-outbound-ips": "10.0.0.0/8",
                "kuma.io/sidecar-uid": "1234",
            ]) { $1 }
            #expect(try await host.call("ADD", annotations).status == 0)
            let status = try await host.pod.tproxy([
                "diff", "--kuma-dp-user", "1234", "--redirect-all-dns-traffic",
                "--exclude-outbound-ports", "5432,6379", "--exclude-outbound-ips", "10.0.0.0/8",
                "--exclude-inbound-ports", "9001",
            ])
            #expect(status.status == 0, "\(status.output)\(status.errors)")
        }
    }

    @Test func addTwiceChangesNothing() async throws {
        try await Node.with { host in
            #expect(try await host.call("ADD").status == 0)
            let before = try await host.rules(of: host.pod)
            #expect(try await host.call("ADD").status == 0)
            #expect(try await host.rules(of: host.pod) == before)
        }
    }

    @Test func filesConfigureThePodBelowItsAnnotations() async throws {
        let folder = try TestFolder()
        let file = folder.path(of: "config.yaml")
        try "redirect: {inbound: {port: 16006}, outbound: {port: 16001}}".write(
            toFile: file, atomically: false, encoding: .utf8)
        try await Node.with { host in
            let annotations = Self.injected.merging([
                "kuma.io/transparent-proxying-inbound-port": "17006"
            ]) { $1 }
            #expect(try await host.call("ADD", annotations, files: [file]).status == 0)
            let rules = try await host.rules(of: host.pod)
            #expect(rules.contains("redirect to :17006") && rules.contains("redirect to :16001"))
        }
    }

    @Test func aPodOutsideTheMeshHasNoRules() async throws {
        try await Node.with { host in
            let outcome = try await host.call("ADD", [:])
            #expect(outcome.status == 0)
            #expect(try await host.rules(of: host.pod).isEmpty)
        }
    }

    @Test func aMistakeLeavesThePodWithoutRulesAndFails() async throws {
        try await Node.with { host in
            let annotations = Self.injected.merging([
                "traffic.kuma.io/exclude-inbound-ports": "80,http"
            ]) { $1 }
            let error = try host.error(try await host.call("ADD", annotations))
            #expect(error.code == 7)
            #expect(
                error.message.hasPrefix(
                    "pod shop/web, annotation traffic.kuma.io/exclude-inbound-ports: 'http'"))
            #expect(try await host.rules(of: host.pod).isEmpty)
        }
    }

    // MARK: CHECK

    @Test func checkOfWholeRulesSucceeds() async throws {
        try await Node.with { host in
            #expect(try await host.call("ADD").status == 0)
            for version in Self.versions.dropFirst() {
                let outcome = try await host.call("CHECK", version: version)
                #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.output)")
            }
        }
    }

    @Test func checkNamesTheRuleThatIsMissing() async throws {
        try await Node.with { host in
            #expect(try await host.call("ADD").status == 0)
            let listing = try await host.pod.shell("nft -a list table inet tproxy_mesh")
            var chain = ""
            var handle = ""
            for line in listing.split(separator: "\n") {
                if let found = line.firstMatch(of: /chain (\S+) \{/) { chain = String(found.1) }
                if line.contains("redirect to :15006"),
                    let found = line.firstMatch(of: /# handle (\d+)/)
                {
                    handle = String(found.1)
                    break
                }
            }
            try #require(!handle.isEmpty)
            try await host.pod.shell("nft delete rule inet tproxy_mesh \(chain) handle \(handle)")
            let error = try host.error(try await host.call("CHECK"))
            #expect(error.code == 100)
            #expect(
                error.message.contains("pod shop/web")
                    && error.message.contains("missing: 1.  tcp: REDIRECTED to port 15006"))
        }
    }

    @Test func checkOfAPodWithoutRulesFails() async throws {
        try await Node.with { host in
            let error = try host.error(try await host.call("CHECK"))
            #expect(error.code == 100)
            #expect(error.message == "pod shop/web: the loaded rules differ: no rules are loaded")
        }
    }

    /// Rules of the same meaning in another form are the same.
    @Test func checkComparesMeanings() async throws {
        try await Node.with { host in
            #expect(try await host.call("ADD").status == 0)
            try await host.pod.shell(
                """
                nft --stateless list table inet tproxy_mesh > /tmp/listed.$$ &&
                nft delete table inet tproxy_mesh && nft -f /tmp/listed.$$; code=$?
                rm -f /tmp/listed.$$; exit $code
                """)
            let outcome = try await host.call("CHECK")
            #expect(outcome.status == 0, "\(outcome.output)")
        }
    }

    @Test func checkOfADormantTableFails() async throws {
        try await Node.with { host in
            #expect(try await host.call("ADD").status == 0)
            try await host.pod.shell("nft add table inet tproxy_mesh '{ flags dormant; }'")
            let error = try host.error(try await host.call("CHECK"))
            #expect(error.code == 100)
            #expect(error.message.contains("dormant"))
        }
    }

    // MARK: DEL, GC and STATUS

    @Test func deleteRestoresTheNamespaceAndSucceedsTwice() async throws {
        try await Node.with { host in
            let before = try await host.pod.state()
            #expect(try await host.call("ADD").status == 0)
            for _ in 1...2 {
                #expect(try await host.call("DEL").status == 0)
                #expect(try await host.pod.state() == before)
            }
        }
    }

    @Test func garbageCollectionTouchesNoPod() async throws {
        try await Node.with { host in
            #expect(try await host.call("ADD").status == 0)
            let before = try await host.rules(of: host.pod)
            #expect(try await host.call("GC").status == 0)
            #expect(try await host.rules(of: host.pod) == before)
        }
    }

    @Test func statusSucceedsWhereAddWorks() async throws {
        try await Node.with { host in
            let outcome = try await host.call("STATUS")
            #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.output)")
        }
    }

    @Test func statusIsUnavailableWhereAddFails() async throws {
        try await Node.with { host in
            let kernel = try await host.call(
                "STATUS", environment: ["TPROXY_FAULT": "netlinkOpen:1+:EMFILE"])
            #expect(try host.error(kernel).code == 50)
            let file = try await host.call("STATUS", files: ["/absent"])
            #expect(try host.error(file).code == 50)
        }
    }

    // MARK: Kills

    /// Wherever ADD is killed, the pod has no rule or all; the next ADD loads all.
    @Test func aKilledAddLeavesNoRuleOrAll() async throws {
        let folder = try TestFolder()
        try await Node.with { host in
            try await host.pod.shell(
                """
                ip link add eth0 type veth peer name eth1
                ip address add 2001:db8::5/64 dev eth0 nodad
                ip link set eth0 up
                ip link set eth1 up
                """)
            let trace = folder.path(of: "trace")
            let whole = try await host.call("ADD", environment: ["TPROXY_FAULT_TRACE": trace])
            #expect(whole.status == 0, "\(whole.output)")
            #expect(try await host.call("DEL").status == 0)
            let steps = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
            #expect(steps.contains("tableSubmit:1") && steps.contains("addressChange:1"))
            var left: Set<Bool> = []
            for step in steps {
                let outcome = try await host.call(
                    "ADD", environment: ["TPROXY_FAULT": "\(step):kill"])
                #expect(outcome.status == 128 + SIGKILL, "\(step): \(outcome.output)")
                let isLoaded = try await !host.rules(of: host.pod).isEmpty
                left.insert(isLoaded)
                guard isLoaded else { continue }
                let check = try await host.call("CHECK")
                #expect(check.status == 0, "\(step): \(check.output)")
                #expect(try await host.call("ADD").status == 0)
                #expect(try await host.call("DEL").status == 0)
            }
            #expect(left == [true, false])
            #expect(try await host.call("ADD").status == 0)
            #expect(try await host.call("CHECK").status == 0)
        }
    }

    // MARK: Errors of the kernel

    @Test func anotherTproxyThatHoldsTheLockIsWaitedForLater() async throws {
        try await Node.with { host in
            let annotations = ["traffic.kuma.io/transparent-proxy-config": "wait: 0"]
            let outcome = try await host.call(
                "ADD", annotations, environment: ["TPROXY_FAULT": "namespaceLock:1+:EBUSY"])
            #expect(try host.error(outcome).code == 11)
            #expect(try await host.rules(of: host.pod).isEmpty)
        }
    }

    @Test(arguments: ["namespaceEnter:1:EPERM", "tableSubmit:1+:EPERM", "interfaceList:1:ENOMEM"])
    func aRefusalOfTheKernelFailsTheAdd(fault: String) async throws {
        try await Node.with { host in
            let outcome = try await host.call("ADD", environment: ["TPROXY_FAULT": fault])
            let error = try host.error(outcome)
            #expect(error.code == 101, "\(outcome.output)")
            #expect(error.message.hasPrefix("pod shop/web: "))
            #expect(try await host.rules(of: host.pod).isEmpty)
        }
    }
}
