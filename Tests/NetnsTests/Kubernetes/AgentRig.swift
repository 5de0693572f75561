import Foundation
import JSON
import Testing
import TproxyTestSupport

/// A node with a running agent, in namespaces of its own.
///
/// A stand-in answers in place of the API server. Pods are network namespaces, and a folder stands
/// in for /proc: its cgroups name them, as a kubelet's would.
struct AgentRig {
    /// What the agent is called with beside the folders of the rig.
    struct Options {
        var plugin = Command.plugin
        var arguments: [String] = []
        var list: String? = AgentRig.list
        var proc = "proc"
        /// The seconds over which the first lists of agents are spread.
        var spread = 0
    }

    /// A condition didn't hold in time.
    struct Late: Error, CustomStringConvertible {
        let description: String
    }

    struct Pod {
        var uid: String
        /// The holder of the namespace.
        var process: Int
    }

    static let list =
        #"{"cniVersion": "1.1.0", "name": "net", "plugins": [{"type": "ptp"}, {"type": "portmap"}]}"#
    static let injected = ["kuma.io/sidecar-injected": "true"]

    let folder: TestFolder
    let machine: Sandbox
    private let options: Options

    /// Runs `body` with a server and an agent that are running.
    static func with(
        _ options: Options = Options(), prepare: (AgentRig) async throws -> Void = { _ in },
        _ body: (AgentRig) async throws -> Void
    ) async throws {
        let folder = try TestFolder()
        try await Sandbox.withMachine(setUp: "ip link set lo up") { machine in
            let rig = AgentRig(folder: folder, machine: machine, options: options)
            for name in ["net.d", "bin", "proc"] {
                try FileManager.default.createDirectory(
                    at: folder.url.appendingPathComponent(name), withIntermediateDirectories: true)
            }
            if let list = options.list { try rig.write(list, to: "net.d/10-net.conflist") }
            try rig.write("[]", to: "pods.json")
            try rig.write(StandInAPIServer.program, to: "server.py")
            try await prepare(rig)
            try await rig.startServer()
            try await rig.startAgent()
            do {
                try await body(rig)
            } catch {
                Issue.record("the agent's log:\n\(rig.text("agent.log"))")
                throw error
            }
        }
    }

    func path(_ name: String) -> String { folder.path(of: name) }

    func text(_ name: String) -> String {
        (try? String(contentsOfFile: path(name), encoding: .utf8)) ?? ""
    }

    /// Writes a file at once, as programs of a node do.
    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.url.appendingPathComponent(name), options: .atomic)
    }

    // MARK: Programs

    private var serverArguments: String {
        FileManager.default.fileExists(atPath: path("server.pem"))
            ? "\(path("server.pem")) \(path("server.key"))" : ""
    }

    func startServer() async throws {
        try await machine.shell(
            "python3 \(path("server.py")) \(folder.url.path) 8001 \(serverArguments)"
                + " > \(path("server.log")) 2>&1 &")
        try await until("the server listens") {
            try await machine.run(
                "sh", ["-c", "ss -Hltn sport = :8001 | grep -q 8001"]
            ).status == 0
        }
    }

    /// Starts an agent, which trusts the server's certificate or those of the file `authority`.
    func startAgent(authority: String? = nil) async throws {
        let scheme = serverArguments.isEmpty ? "http" : "https"
        let authority = authority ?? (serverArguments.isEmpty ? "" : path("server.pem"))
        let token = FileManager.default.fileExists(atPath: path("token")) ? path("token") : ""
        let words =
            [
                Command.tproxy, "kube", "agent", "--node", "node-1", "--api-server",
                "\(scheme)://127.0.0.1:8001", "--token-file", "'\(token)'", "--ca-file",
                "'\(authority)'", "--cni-bin-dir", path("bin"), "--cni-conf-dir", path("net.d"),
                "--plugin", options.plugin, "--socket", path("agent.sock"), "--listen",
                "127.0.0.1:9094", "--list-spread", "\(options.spread)", "--proc-dir",
                options.proc.hasPrefix("/") ? options.proc : path(options.proc),
            ] + options.arguments
        try await machine.shell("\(words.joined(separator: " ")) >> \(path("agent.log")) 2>&1 &")
    }

    /// Returns the answer of the agent's HTTP server.
    func get(_ path: String) async throws -> (status: Int, text: String) {
        let outcome = try await machine.run(
            "bash",
            [
                "-c",
                """
                exec 3<>/dev/tcp/127.0.0.1/9094 && printf 'GET \(path) HTTP/1.1\\r\\n\\r\\n' >&3 && cat <&3
                """,
            ])
        let parts = outcome.output.split(separator: "\r\n\r\n", maxSplits: 1)
        let words = outcome.output.split(separator: " ", maxSplits: 2)
        return (words.count > 1 ? Int(words[1]) ?? 0 : 0, parts.count > 1 ? String(parts[1]) : "")
    }

    /// Returns a figure such as `tproxy_agent_repairs_total`; nil if there is none.
    func metric(_ name: String) async throws -> Int? {
        let text = try await get("/metrics").text
        return text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    /// Waits until a condition holds; fails after five minutes, far longer than anything takes.
    func until(
        _ words: String, _ condition: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now.advanced(by: .seconds(300))
        while ContinuousClock.now < end {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Late(description: "not within five minutes: \(words)")
    }

    func untilLogged(_ words: String) async throws {
        try await until("the log has '\(words)'") { text("agent.log").contains(words) }
    }

    // MARK: Pods

    /// Starts a network namespace that the folder for /proc has as a pod's.
    func makePod(_ number: Int = 1) async throws -> Pod {
        try await makePods([number])[0]
    }

    func makePods(_ numbers: [Int]) async throws -> [Pod] {
        // Each holder starts with the namespace of the shell, and is in its own when it sleeps.
        let output = try await machine.shell(
            """
            own=$(readlink /proc/self/ns/net)
            for number in \(numbers.map { "\($0)" }.joined(separator: " ")); do
                unshare --net sleep 600 > /dev/null 2>&1 &
                while [ "$(readlink /proc/$!/ns/net)" = "$own" ]; do sleep 0.01; done
                echo "$number $!"
            done
            """)
        return try output.split(separator: "\n").map { line in
            let words = line.split(separator: " ").compactMap { Int($0) }
            let number = words[0]
            let process = words[1]
            let pod = Pod(uid: Self.uid(number), process: process)
            let place = folder.url.appendingPathComponent("proc/\(process)")
            try FileManager.default.createDirectory(
                at: place.appendingPathComponent("ns"), withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: place.appendingPathComponent("ns/net").path,
                withDestinationPath: "/proc/\(process)/ns/net")
            try write("0::/kubepods/pod\(pod.uid)/sandbox\n", to: "proc/\(process)/cgroup")
            let fields = "S" + String(repeating: " 1", count: 18)
            try write("\(process) (pause) \(fields) 100 0", to: "proc/\(process)/stat")
            return pod
        }
    }

    static func uid(_ number: Int) -> String {
        String(format: "00000000-0000-0000-0000-%012d", number)
    }

    /// A Pod as the API server has it; `changes` replace members of `spec` and `status`.
    static func json(
        _ number: Int = 1, _ annotations: [String: String] = injected, namespace: String = "shop",
        spec: [String: JSONValue] = [:], phase: String = "Running"
    ) -> JSONValue {
        [
            "metadata": [
                "uid": .string(uid(number)), "name": .string("web-\(number)"),
                "namespace": .string(namespace),
                "annotations": .object(annotations.mapValues { .string($0) }),
            ],
            "spec": .object(spec.merging(["nodeName": "node-1"]) { $1 }),
            "status": ["phase": .string(phase)],
        ]
    }

    /// Gives the API server these pods.
    func setPods(_ pods: [JSONValue]) throws {
        try write(JSONValue.array(pods).text(.compact), to: "pods.json")
    }

    func rules(of pod: Pod) async throws -> String {
        try await machine.shell(
            "nsenter --net=/proc/\(pod.process)/ns/net nft --stateless list ruleset")
    }

    func inside(_ pod: Pod, _ command: String) async throws {
        try await machine.shell("nsenter --net=/proc/\(pod.process)/ns/net \(command)")
    }
}
