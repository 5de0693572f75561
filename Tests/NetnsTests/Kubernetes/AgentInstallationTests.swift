import Foundation
import JSON
import Testing
import TproxyTestSupport

/// The node agent keeps the plugin installed.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct AgentInstallationTests {
    private static let ours = "tproxy-cni"

    /// A list as a network plugin writes it; `number` tells its versions apart.
    private func list(_ number: Int) -> String {
        """
        {
          "name": "net", "cniVersion": "1.0.0", "number": \(number),
          "plugins": [
            {"type": "ptp", "filler": "\(String(repeating: "x", count: number * 37 % 300))"},
            {"type": "portmap"}
          ]
        }

        """
    }

    /// The list without our entry; nil if it isn't complete, or our entry isn't the last one.
    private func withoutEntry(_ text: String) -> String? {
        guard let json = try? JSONValue(parsing: text), let plugins = json["plugins"]?.array,
            plugins.last?["type"]?.string == Self.ours,
            plugins.count(where: { $0["type"]?.string == Self.ours }) == 1,
            let entry = text.range(of: ",\n    {\"agentSocket\""),
            let end = text.range(of: "\n  ]", range: entry.lowerBound..<text.endIndex)
        else { return nil }
        return String(text[..<entry.lowerBound] + text[end.lowerBound...])
    }

    /// Network plugins replace their lists by a rename, or write into them.
    @Test func theEntryIsBackAfterEachOfAHundredRewritesAndNothingIsLost() async throws {
        try await AgentRig.with { rig in
            let path = rig.path("net.d/10-net.conflist")
            for number in 1...100 {
                if number.isMultiple(of: 2) {
                    try Data(list(number).utf8).write(
                        to: URL(fileURLWithPath: path), options: .atomic)
                } else {
                    // In parts, with the file empty and incomplete in between.
                    let text = list(number)
                    let file = try #require(FileHandle(forWritingAtPath: path))
                    try file.truncate(atOffset: 0)
                    try file.write(contentsOf: Data(text.utf8.prefix(number)))
                    try file.write(contentsOf: Data(text.utf8.dropFirst(number)))
                    try file.close()
                }
                try await rig.until("the entry is back in list \(number)") {
                    withoutEntry(rig.text("net.d/10-net.conflist")) == list(number)
                }
            }
        }
    }

    /// A program that keeps the list open, and writes after the agent has replaced it.
    @Test func whatIsWrittenIntoAReplacedListIsKept() async throws {
        try await AgentRig.with { rig in
            let path = rig.path("net.d/10-net.conflist")
            try await rig.until("the entry is there") {
                rig.text("net.d/10-net.conflist").contains(Self.ours)
            }
            try Data(list(1).utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            let file = try #require(FileHandle(forWritingAtPath: path))
            try await rig.until("the list was replaced") {
                withoutEntry(rig.text("net.d/10-net.conflist")) == list(1)
            }
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: Data(list(2).utf8))
            try file.close()
            try await rig.until("what was written is in the list") {
                withoutEntry(rig.text("net.d/10-net.conflist")) == list(2)
            }
        }
    }

    /// Runtimes read the folder again whenever it changes.
    @Test(arguments: ["conflist", "drop-in"])
    func anAgentAtRestWritesNothing(method: String) async throws {
        var options = AgentRig.Options()
        options.arguments = ["--install", method]
        try await AgentRig.with(options) { rig in
            try await rig.until("the agent is ready") { try await rig.get("/readyz").status == 200 }
            func times() async throws -> String {
                try await rig.machine.shell("stat -c %y \(rig.path("net.d")) \(rig.path("bin"))")
            }
            try await rig.until("the folders stay as they are for a second") {
                let before = try await times()
                try await Task.sleep(for: .seconds(1))
                return try await times() == before
            }
            let isDropIn = method == "drop-in"
            #expect((rig.text("net.d/10-net.conflist") == AgentRig.list) == isDropIn)
            #expect(rig.text("net.d/net/50-tproxy.conf").contains(Self.ours) == isDropIn)
        }
    }

    @Test func theEntryTellsThePluginWhatTheAgentWasTold() async throws {
        let file = Scenario.root.appendingPathComponent("rulesets/default/tproxy.yaml").path
        var options = AgentRig.Options()
        options.arguments = [
            "--install", "conflist", "--exclude-namespaces", "a,b", "--daemon-set", "mesh/agent",
            "--config", file,
        ]
        try await AgentRig.with(options) { rig in
            try await rig.until("the entry is there") {
                rig.text("net.d/10-net.conflist").contains(Self.ours)
            }
            let list = try JSONValue(parsing: rig.text("net.d/10-net.conflist"))
            let entry = try #require(list["plugins"]?.array?.last)
            #expect(entry["type"]?.string == Self.ours)
            #expect(entry["excludeNamespaces"] == .array([.string("a"), .string("b")]))
            #expect(entry["agent"]?.string == "mesh/agent")
            #expect(entry["configFiles"] == .array([.string(file)]))
        }
    }

    /// The plugin's file is never missing, whoever removes it and whenever the agent starts.
    @Test func thePluginIsRestoredAndStaysWhenTheAgentEnds() async throws {
        try await AgentRig.with { rig in
            let plugin = rig.path("bin/\(Self.ours)")
            for _ in 1...3 {
                try await rig.until("the plugin is there") {
                    FileManager.default.isExecutableFile(atPath: plugin)
                }
                try FileManager.default.removeItem(atPath: plugin)
            }
            try await rig.until("the plugin is there") {
                FileManager.default.isExecutableFile(atPath: plugin)
            }
            for signal in ["TERM", "KILL"] {
                try await rig.machine.shell("pkill -\(signal) -f '[k]ube agent'")
                try await rig.until("the agent has ended") {
                    try await rig.machine.run("pgrep", ["-f", "[k]ube agent"]).status != 0
                }
                #expect(FileManager.default.isExecutableFile(atPath: plugin))
                #expect(rig.text("net.d/10-net.conflist").contains(Self.ours))
                try await rig.startAgent()
                try await rig.until("the agent is ready") {
                    try await rig.get("/readyz").status == 200
                }
            }
        }
    }

    /// What the agent leaves behind passes every pod, and the list is as it was.
    @Test func uninstallingLeavesAPluginThatPassesEveryPod() async throws {
        try await AgentRig.with { rig in
            try await rig.until("the agent is ready") { try await rig.get("/readyz").status == 200 }
            try await rig.machine.shell("pkill -f '[k]ube agent'")
            let uninstall = """
                \(Command.tproxy) kube agent --uninstall --plugin \(Command.plugin) \
                    --cni-bin-dir \(rig.path("bin")) --cni-conf-dir \(rig.path("net.d"))
                """
            let report = try await rig.machine.shell(uninstall)
            #expect(
                report.contains("removed the plugin from") && report.contains("passes every pod"))
            #expect(rig.text("net.d/10-net.conflist") == AgentRig.list)
            let pod = try await rig.makePod()
            // As a runtime with the former list in its memory calls it.
            let configuration: JSONValue = [
                "cniVersion": "1.1.0", "name": "net", "type": "tproxy-cni", "unknown": 1,
                "prevResult": ["cniVersion": "1.1.0", "ips": []],
                "runtimeConfig": [
                    "io.kubernetes.cri.pod-annotations": ["kuma.io/sidecar-injected": "true"]
                ],
            ]
            for command in ["ADD", "CHECK", "DEL", "GC", "STATUS", "VERSION"] {
                let outcome = try await rig.machine.run(
                    rig.path("bin/\(Self.ours)"), [],
                    environment: [
                        "CNI_COMMAND": command, "CNI_CONTAINERID": "c1", "CNI_IFNAME": "eth0",
                        "CNI_NETNS": "/proc/\(pod.process)/ns/net",
                        "CNI_ARGS": "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web",
                    ], input: configuration.text(.compact))
                #expect(outcome.status == 0, "\(command): \(outcome.output)")
                if command == "ADD" {
                    #expect(
                        try JSONValue(parsing: outcome.output)
                            == ["cniVersion": "1.1.0", "ips": []])
                }
            }
            #expect(try await rig.rules(of: pod).isEmpty)
            #expect(try await rig.machine.shell(uninstall).contains("passes every pod"))
        }
    }
}
