import Foundation
import JSON
import Testing
import TproxyTestSupport

/// The node agent towards the plugin, the API server and the kubelet.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct AgentServiceTests {
    // MARK: The plugin's socket

    /// Calls the plugin that the agent has installed, without annotations, as Multus does.
    private func add(
        _ number: Int, _ pod: AgentRig.Pod, _ rig: AgentRig, uid: String? = nil,
        namespace: String = "shop", prefix: [String] = []
    ) async throws -> Command.Outcome {
        let configuration: JSONValue = [
            "cniVersion": "1.1.0", "name": "net", "type": "tproxy-cni",
            "agentSocket": .string(rig.path("agent.sock")), "prevResult": ["cniVersion": "1.1.0"],
        ]
        let words = prefix + [rig.path("bin/tproxy-cni")]
        return try await rig.machine.run(
            words[0], Array(words.dropFirst()),
            environment: [
                "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_IFNAME": "eth0",
                "CNI_NETNS": "/proc/\(pod.process)/ns/net",
                "CNI_ARGS": "K8S_POD_NAMESPACE=\(namespace);K8S_POD_NAME=web-\(number);K8S_POD_UID="
                    + (uid ?? AgentRig.uid(number)),
            ], input: configuration.text(.compact))
    }

    private func untilReady(_ rig: AgentRig) async throws {
        try await rig.until("the agent is ready") { try await rig.get("/readyz").status == 200 }
    }

    @Test func theSocketAnswersForARuntimeThatPassesNoAnnotations() async throws {
        try await AgentRig.with { rig in
            // The agent itself must not reconcile them: their processes are unknown to it.
            let pods = try await rig.makePods([1, 2, 3])
            for pod in pods {
                try FileManager.default.removeItem(atPath: rig.path("proc/\(pod.process)"))
            }
            try rig.setPods([
                AgentRig.json(1, AgentRig.injected.merging(["kuma.io/sidecar-uid": "1234"]) { $1 }),
                AgentRig.json(2, [:]),
            ])
            try await untilReady(rig)
            let first = try await add(1, pods[0], rig)
            #expect(first.status == 0, "\(first.output)")
            #expect(try await rig.rules(of: pods[0]).contains("1234"))
            #expect(try await add(2, pods[1], rig).status == 0)
            #expect(try await rig.rules(of: pods[1]).isEmpty)
            // Unknown to the API server, or another pod of the same name.
            for (number, uid) in [(3, nil), (1, AgentRig.uid(9))] as [(Int, String?)] {
                let outcome = try await add(number, pods[2], rig, uid: uid)
                let json = try JSONValue(parsing: outcome.output)
                #expect(outcome.status == 1 && json["code"] == 11, "\(outcome.output)")
                #expect(json["msg"]?.string?.hasPrefix("pod shop/web-\(number): ") == true)
            }
            #expect(try await rig.rules(of: pods[2]).isEmpty)
            // A pod that always passes doesn't need an answer.
            #expect(try await add(3, pods[2], rig, namespace: "kube-system").status == 0)
            #expect(try await rig.metric("tproxy_agent_questions_total") == 4)
        }
    }

    @Test func aMeshedPodFailsWhileTheAgentOrTheServerIsAway() async throws {
        try await AgentRig.with { rig in
            let pod = try await rig.makePod()
            try await untilReady(rig)
            try rig.write("500", to: "mode")
            let refused = try await add(1, pod, rig)
            #expect(refused.status == 1 && refused.output.contains("answers 500"))
            try await rig.machine.shell("pkill -f '[k]ube agent'")
            let away = try JSONValue(parsing: try await add(1, pod, rig).output)
            #expect(away["code"] == 11)
            #expect(away["msg"]?.string?.contains("doesn't answer") == true)
            #expect(try await rig.rules(of: pod).isEmpty)
            // The next agent listens at the same path.
            try rig.write("", to: "mode")
            try rig.setPods([AgentRig.json()])
            try await rig.startAgent()
            try await rig.until("the next agent answers") {
                try await add(1, pod, rig).status == 0
            }
            #expect(try await rig.rules(of: pod).contains("redirect to :15006"))
        }
    }

    @Test func onlyRootMayAsk() async throws {
        try await AgentRig.with { rig in
            try await untilReady(rig)
            let ask = """
                /usr/bin/python3 -c '
                import socket
                s = socket.socket(socket.AF_UNIX)
                s.connect("\(rig.path("agent.sock"))")
                s.sendall(b"{\\"namespace\\": \\"a\\", \\"name\\": \\"b\\"}\\n")
                print(len(s.recv(100)))'
                """
            try await rig.machine.shell("chmod 755 \(rig.folder.url.path)")
            let user = "setpriv --reuid 1000 --clear-groups"
            // The file's mode refuses first, and the agent itself if somebody has changed the mode.
            let byMode = try await rig.machine.run("sh", ["-c", "\(user) \(ask)"])
            #expect(byMode.status != 0 && byMode.errors.contains("PermissionError"))
            try await rig.machine.shell("chmod 666 \(rig.path("agent.sock"))")
            let byPeer = try await rig.machine.run("sh", ["-c", "\(user) \(ask)"])
            #expect(["", "0\n"].contains(byPeer.output), "\(byPeer)")
            #expect(!byPeer.errors.contains("PermissionError"))
            #expect(try await rig.metric("tproxy_agent_refused_peers_total") == 1)
            #expect(rig.text("agent.log").contains("refused UID 1000"))
            #expect(try await Int(rig.machine.shell(ask).dropLast()) ?? 0 > 0)
        }
    }

    // MARK: The API server

    /// An answer that isn't one is named with its remedy, and what is wrong now isn't forever.
    @Test(arguments: [
        ("401", "answers 401", "token"), ("403", "answers 403", "get, list and watch pods"),
        ("500", "answers 500", "check the API server"), ("429", "answers 429", "less often"),
        ("garbage", "no answer of Kubernetes", "--api-server"),
    ])
    func aFailureIsReportedAndTriedAgain(
        mode: String, cause: String, remedy: String
    ) async throws {
        try await AgentRig.with(prepare: { try $0.write(mode, to: "mode") }) { rig in
            try await rig.untilLogged(cause)
            let line = try #require(
                rig.text("agent.log").split(separator: "\n").first { $0.contains(cause) })
            #expect(line.contains(remedy) && line.contains("can't list the node's pods"), "\(line)")
            #expect(try await rig.metric("tproxy_agent_api_connected") == 0)
            // The plugin works without the API server, so that the agent is ready.
            #expect(try await rig.get("/readyz").status == 200)
            let pod = try await rig.makePod()
            try rig.setPods([AgentRig.json()])
            try rig.write("", to: "mode")
            try await rig.until("the pod has rules") {
                try await rig.rules(of: pod).contains("redirect to :15006")
            }
            #expect(try await rig.metric("tproxy_agent_api_connected") == 1)
        }
    }

    @Test func aServerThatIsAwayIsReportedAndTriedAgain() async throws {
        try await AgentRig.with { rig in
            try await rig.until("the pods are watched") {
                rig.text("requests.log").contains("watch=true")
            }
            try await rig.machine.shell("pkill -f '[s]erver.py'")
            try await rig.untilLogged("doesn't answer")
            let pod = try await rig.makePod()
            try rig.setPods([AgentRig.json()])
            try await rig.startServer()
            try await rig.until("the pod has rules") {
                try await rig.rules(of: pod).contains("redirect to :15006")
            }
        }
    }

    /// 410: the server has forgotten the version from which the agent wants to watch.
    @Test func anExpiredVersionIsListedAgain() async throws {
        try await AgentRig.with { rig in
            try await rig.until("the pods are watched") {
                rig.text("requests.log").contains("watch=true")
            }
            try rig.write("expired", to: "mode")
            try await rig.until("the pods are listed again") {
                rig.text("requests.log").split(separator: "\n").count {
                    !$0.contains("watch=true")
                } > 1
            }
            try rig.write("", to: "mode")
            let pod = try await rig.makePod()
            try rig.setPods([AgentRig.json()])
            try await rig.until("the pod has rules") {
                try await rig.rules(of: pod).contains("redirect to :15006")
            }
            #expect(!rig.text("agent.log").contains("error: can't"))
        }
    }

    /// Agents that start together don't list together: each waits for the time that it has drawn.
    @Test func theFirstListWaitsForItsTime() async throws {
        var options = AgentRig.Options()
        options.spread = 10
        let start = Date()
        try await AgentRig.with(options) { rig in
            try await rig.untilLogged("listing the node's pods in ")
            let line = try #require(
                rig.text("agent.log").split(separator: "\n").first { $0.contains("listing the") })
            let words = line.split(separator: " ")
            let index = try #require(words.firstIndex(of: "in"))
            let drawn = try #require(Double(words[index + 1])) / 1000
            #expect((0..<10).contains(drawn) && words[index + 2] == "ms,", "\(line)")
            // Everything else is done meanwhile.
            try await untilReady(rig)
            try await rig.until("the pods are listed") { !rig.text("requests.log").isEmpty }
            let request = try #require(rig.text("requests.log").split(separator: "\n").first)
            #expect(request.contains("GET /api/v1/pods?") && !request.contains("watch=true"))
            // The log has milliseconds.
            let time = try #require(request.split(separator: " ").first.flatMap { Double($0) })
            #expect(time - start.timeIntervalSince1970 >= drawn - 0.01, "\(line)\n\(request)")
        }
    }

    /// The server ends a watch every few minutes; the next one begins where it has ended.
    @Test func aWatchThatEndsIsContinuedWithoutAList() async throws {
        try await AgentRig.with { rig in
            for round in 1...3 {
                try await rig.until("watch \(round)") {
                    rig.text("requests.log").split(separator: "\n").count {
                        $0.contains("watch=true")
                    } == round
                }
                try await Task.sleep(for: .seconds(1.2))
                try rig.write("\(round)", to: "ends")
            }
            let lists = rig.text("requests.log").split(separator: "\n").count {
                !$0.contains("watch=true")
            }
            #expect(lists == 1)
        }
    }

    /// The kubelet renews the token in the same file.
    @Test func aRenewedTokenIsReadAgainAndHTTPSTrustsTheGivenAuthorityAlone() async throws {
        try await AgentRig.with { rig in
            try await rig.machine.shell(
                """
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
                    -subj /CN=stand-in -addext subjectAltName=IP:127.0.0.1 \
                    -keyout \(rig.path("server.key")) -out \(rig.path("server.pem")) 2> /dev/null
                """)
            try rig.write("first", to: "token")
            try rig.write("first", to: "expected-token")
        } _: { rig in
            let pod = try await rig.makePod()
            try rig.setPods([AgentRig.json()])
            try await rig.until("the pod has rules") {
                try await rig.rules(of: pod).contains("redirect to :15006")
            }
            // The server wants the new token before the file has it.
            try rig.write("second", to: "expected-token")
            try rig.write("1", to: "ends")
            try await rig.untilLogged("answers 401")
            try rig.write("second", to: "token")
            let other = try await rig.makePod(2)
            try rig.setPods([AgentRig.json(), AgentRig.json(2)])
            try await rig.until("the other pod has rules") {
                try await rig.rules(of: other).contains("redirect to :15006")
            }
            #expect(!rig.text("agent.log").contains("second"))
            // A server with another certificate isn't asked.
            try await rig.machine.shell("pkill -f '[k]ube agent'")
            try await rig.startAgent(authority: "")
            try await rig.untilLogged("certificate")
        }
    }

    // MARK: The taint

    @Test func theTaintIsRemovedWhenThePluginIsInstalled() async throws {
        var options = AgentRig.Options()
        options.list = nil
        options.arguments = ["--taint", "tproxy.example/agent"]
        let taints =
            #"[{"key":"other","effect":"NoSchedule"},{"key":"tproxy.example/agent","effect":"NoSchedule"}]"#
        try await AgentRig.with(
            options,
            prepare: {
                try $0.write(#"{"kind": "Node", "spec": {"taints": \#(taints)}}"#, to: "node.json")
                try $0.write("403", to: "patch-mode")
            }
        ) { rig in
            // Without a network, pods must not come to the node.
            try await rig.untilLogged("no network configuration")
            #expect(try await rig.get("/readyz").status == 503)
            #expect(!rig.text("requests.log").contains("PATCH"))
            try rig.write(AgentRig.list, to: "net.d/10-net.conflist")
            try await rig.untilLogged("patch its node")
            let waiting = try await rig.get("/readyz")
            #expect(waiting.status == 503 && waiting.text.contains("answers 403"))
            try rig.write("", to: "patch-mode")
            try await rig.until("the agent is ready") {
                try await rig.get("/readyz").status == 200
            }
            let node = try JSONValue(parsing: rig.text("node.json"))
            #expect(
                node["spec"]?["taints"] == [["key": "other", "effect": "NoSchedule"]])
            #expect(rig.text("agent.log").contains("removed the taint 'tproxy.example/agent'"))
        }
    }

    // MARK: The state

    /// Has the parser of the Prometheus project's Python client read figures; returns what it says.
    private static func parse(_ metrics: String) async throws -> Command.Outcome {
        try await Command.run(
            Scenario.root.appendingPathComponent(".build/prometheus-client/bin/python3").path,
            [
                "-c",
                """
                import sys
                from prometheus_client.openmetrics.parser import text_string_to_metric_families
                for family in text_string_to_metric_families(sys.stdin.read()):
                    for sample in family.samples:
                        print(family.type, sample.name, sorted(sample.labels), int(sample.value))
                """,
            ], input: metrics)
    }

    private static func checkMetrics(_ text: String) async throws {
        let parsed = try await parse(text)
        #expect(parsed.status == 0, "\(parsed.errors)\n\(text)")
        let lines = parsed.output.split(separator: "\n")
        for line in [
            "counter tproxy_agent_api_requests_total ['outcome', 'verb'] 1",
            "counter tproxy_agent_installations_total [] 2",
            "gauge tproxy_agent_pods ['state'] 1", "gauge tproxy_agent_ready [] 1",
        ] {
            #expect(lines.contains { $0 == line }, "\(line)\n\(parsed.output)")
        }
        // The parser can refuse.
        for wrong in [
            String(text.dropLast("# EOF\n".count)), text.replacing("_total", with: ""),
            text.replacing("} ", with: " "),
        ] {
            #expect(try await parse(wrong).status != 0, "\(wrong)")
        }
    }

    @Test func theStateIsServedInTheFormatsOfItsReaders() async throws {
        try await AgentRig.with(prepare: { try $0.setPods([AgentRig.json(1, [:])]) }) { rig in
            try await untilReady(rig)
            try await rig.until("the pods are listed") {
                try await rig.metric("tproxy_agent_api_connected") == 1
            }
            #expect(try await rig.get("/healthz") == (200, "ok\n"))
            #expect(try await rig.get("/elsewhere").status == 404)
            let metrics = try await rig.get("/metrics")
            #expect(metrics.status == 200 && metrics.text.hasSuffix("# EOF\n"))
            try await Self.checkMetrics(metrics.text)
            // Whatever a client sends, the next one is served.
            try await rig.machine.shell(
                """
                python3 -c '
                import socket
                for text in [b"", b"x", b"POST / HTTP/1.1\\r\\n\\r\\n", b"\\0" * 9000, b"\\r\\n\\r\\n"]:
                    s = socket.create_connection(("127.0.0.1", 9094)); s.sendall(text); s.close()'
                """)
            #expect(try await rig.get("/healthz").status == 200)
        }
    }

    @Test func aMistakeOnTheCommandLineIsRefused() async throws {
        for (arguments, words) in [
            (["--api-server", "http://127.0.0.1:1"], "--node"),
            (
                ["--node", "a/b", "--api-server", "http://127.0.0.1:1"],
                "'a/b' is not a node's name"
            ),
            (["--node", "a"], "--api-server"),
            (["--node", "a", "--api-server", "x", "--list-spread", "-1"], "--list-spread"),
        ] {
            let outcome = try await Command.tproxy(
                ["kube", "agent"] + arguments,
                environment: ["NODE_NAME": "", "KUBERNETES_SERVICE_HOST": ""])
            #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome)")
        }
        let taken = try await Command.tproxy([
            "kube", "agent", "--node", "a", "--api-server", "http://127.0.0.1:1", "--listen",
            "9094",
        ])
        #expect(taken.status == 1 && taken.errors.contains("not an address to listen at"))
    }
}
