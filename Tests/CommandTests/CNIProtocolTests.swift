import Foundation
import JSON
import Testing
import TproxyTestSupport

/// What the CNI specification requires of the plugin before it touches a network namespace.
@Suite struct CNIProtocolTests {
    private static let versions = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"]
    private static let previous: JSONValue = [
        "cniVersion": "1.1.0", "ips": [["address": "10.1.0.5/16"]],
    ]

    private static func environment(
        _ command: String, _ changes: [String: String] = [:]
    ) -> [String: String] {
        [
            "CNI_COMMAND": command, "CNI_CONTAINERID": "c1", "CNI_NETNS": "/run/netns/gone",
            "CNI_IFNAME": "eth0", "CNI_PATH": "/opt/cni/bin",
            "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web",
        ].merging(changes) { $1 }
    }

    /// A configuration for a pod of the mesh, with `changes`.
    private static func configuration(_ changes: [String: JSONValue?] = [:]) -> String {
        var members: [String: JSONValue?] = [
            "cniVersion": "1.1.0", "name": "net", "type": "tproxy-cni", "prevResult": previous,
            "runtimeConfig": [
                "io.kubernetes.cri.pod-annotations": ["kuma.io/sidecar-injected": "true"]
            ],
        ]
        members.merge(changes) { $1 }
        return JSONValue.object(members.compactMapValues { $0 }).text(.compact)
    }

    private static func run(
        _ command: String, _ input: String, _ changes: [String: String] = [:]
    ) async throws -> Command.Outcome {
        try await Command.run(
            Command.plugin, environment: environment(command, changes), input: input)
    }

    private func reported(_ outcome: Command.Outcome) throws -> (code: Int?, message: String) {
        #expect(outcome.status == 1)
        let json = try JSONValue(parsing: outcome.output)
        #expect(json["cniVersion"]?.string != nil)
        return (json["code"]?.number, json["msg"]?.string ?? "")
    }

    // MARK: VERSION

    @Test func versionListsFourVersions() async throws {
        for input in ["", "{\"cniVersion\": \"1.0.0\"}"] {
            let outcome = try await Command.run(
                Command.plugin, environment: ["CNI_COMMAND": "VERSION"], input: input)
            #expect(outcome.status == 0)
            let json = try JSONValue(parsing: outcome.output)
            #expect(json["supportedVersions"] == .array(Self.versions.map { .string($0) }))
            #expect(json["cniVersion"] == "1.1.0")
        }
    }

    // MARK: Errors

    struct Refusal: Sendable, CustomTestStringConvertible {
        var name: String
        var command = "ADD"
        var configuration = CNIProtocolTests.configuration()
        var environment: [String: String] = [:]
        var code: Int
        /// What the message contains.
        var words: String

        var testDescription: String { name }
    }

    private static func annotations(_ pairs: [String: String]) -> String {
        configuration([
            "runtimeConfig": [
                "io.kubernetes.cri.pod-annotations": .object(pairs.mapValues { .string($0) })
            ]
        ])
    }

    static let refusals: [Refusal] = [
        // 1: the version.
        Refusal(
            name: "unknown version", configuration: configuration(["cniVersion": "9.9.9"]),
            code: 1, words: "0.3.1, 0.4.0, 1.0.0, 1.1.0"),
        Refusal(
            name: "no version", configuration: configuration(["cniVersion": nil]), code: 1,
            words: "0.1.0"),
        Refusal(
            name: "CHECK of an old version", command: "CHECK",
            configuration: configuration(["cniVersion": "0.3.1"]), code: 1, words: "CHECK"),
        Refusal(
            name: "GC of an old version", command: "GC",
            configuration: configuration(["cniVersion": "1.0.0"]), code: 1, words: "GC"),
        Refusal(
            name: "STATUS of an old version", command: "STATUS",
            configuration: configuration(["cniVersion": "1.0.0"]), code: 1, words: "STATUS"),
        // 2: a field.
        Refusal(
            name: "unknown field", configuration: configuration(["excludeNamespace": ["a"]]),
            code: 2, words: "'excludeNamespace' with value [\"a\"]"),
        // 3: the container.
        Refusal(name: "namespace that is gone", code: 3, words: "pod shop/web"),
        Refusal(
            name: "CHECK of a namespace that is gone", command: "CHECK", code: 3,
            words: "/run/netns/gone"),
        // 4: the environment.
        Refusal(
            name: "no command", environment: ["CNI_COMMAND": ""], code: 4, words: "CNI_COMMAND"),
        Refusal(
            name: "unknown command", environment: ["CNI_COMMAND": "PUT"], code: 4, words: "'PUT'"),
        Refusal(
            name: "missing variables", environment: ["CNI_NETNS": "", "CNI_IFNAME": ""], code: 4,
            words: "CNI_NETNS, CNI_IFNAME"),
        Refusal(
            name: "malformed arguments", environment: ["CNI_ARGS": "a=b;c"], code: 4, words: "'c'"),
        Refusal(
            name: "malformed container", environment: ["CNI_CONTAINERID": "../c"], code: 4,
            words: "CNI_CONTAINERID"),
        Refusal(
            name: "malformed interface", environment: ["CNI_IFNAME": "an/interface"], code: 4,
            words: "CNI_IFNAME"),
        Refusal(
            name: "other than a namespace", environment: ["CNI_NETNS": "/dev/null"], code: 4,
            words: "not a network namespace"),
        Refusal(
            name: "the node's own namespace", environment: ["CNI_NETNS": "/proc/self/ns/net"],
            code: 4, words: "namespace of the node"),
        // 5: files.
        Refusal(
            name: "unreadable file", configuration: configuration(["configFiles": ["/absent"]]),
            code: 5, words: "can't read '/absent'"),
        // 6: decoding.
        Refusal(name: "no JSON", configuration: "{", code: 6, words: "JSON"),
        Refusal(name: "empty input", configuration: "", code: 6, words: "JSON"),
        Refusal(name: "no object", configuration: "[]", code: 6, words: "object"),
        // 7: the configuration.
        Refusal(
            name: "no name", configuration: configuration(["name": nil]), code: 7, words: "name"),
        Refusal(
            name: "not chained", configuration: configuration(["prevResult": nil]), code: 7,
            words: "prevResult"),
        Refusal(
            name: "CHECK without prevResult", command: "CHECK",
            configuration: configuration(["prevResult": nil]), code: 7, words: "prevResult"),
        Refusal(
            name: "list of the wrong type",
            configuration: configuration(["excludeNamespaces": "a"]), code: 7,
            words: "excludeNamespaces"),
        Refusal(
            name: "no annotations", configuration: configuration(["runtimeConfig": nil]), code: 7,
            words: "\"capabilities\": {\"io.kubernetes.cri.pod-annotations\": true}"),
        Refusal(
            name: "mistyped annotation",
            configuration: annotations([
                "kuma.io/sidecar-injected": "true", "traffic.kuma.io/exclude-inbound-port": "80",
            ]), code: 7, words: "did you mean 'traffic.kuma.io/exclude-inbound-ports'?"),
        Refusal(
            name: "mistyped membership",
            configuration: annotations(["kuma.io/sidecar-injected": "ture"]), code: 7,
            words: "pod shop/web, annotation kuma.io/sidecar-injected"),
        Refusal(
            name: "proxy turned off",
            configuration: annotations([
                "kuma.io/sidecar-injected": "true", "kuma.io/transparent-proxying": "disabled",
            ]), code: 7, words: "impossible on Kubernetes"),
        Refusal(
            name: "resolvers of the pod",
            configuration: annotations([
                "traffic.kuma.io/transparent-proxy-config": "redirect: {dns: {captureAll: false}}"
            ]), code: 7, words: "redirect.dns.captureAll"),
    ]

    @Test(arguments: refusals)
    func aRefusalHasTheCodeOfTheSpecification(refusal: Refusal) async throws {
        let outcome = try await Self.run(
            refusal.command, refusal.configuration, refusal.environment)
        let error = try reported(outcome)
        #expect(error.code == refusal.code, "\(outcome.output)")
        #expect(error.message.contains(refusal.words), "\(error.message)")
    }

    /// 5 for input that can't be read: the program's input is a folder.
    @Test func unreadableInputIsAnInputError() async throws {
        let outcome = try await Command.run(
            "sh", ["-c", "exec \(Command.plugin) < /"], environment: Self.environment("ADD"))
        #expect(try reported(outcome).code == 5)
    }

    // MARK: Pods that pass

    struct Pass: Sendable, CustomTestStringConvertible {
        var name: String
        var configuration = CNIProtocolTests.configuration(["runtimeConfig": nil])
        var namespace = "shop"
        var pod = "web"

        var testDescription: String { name }
    }

    static let passes: [Pass] = [
        Pass(name: "not in the mesh", configuration: annotations(["a": "b"])),
        Pass(name: "without annotations", configuration: annotations([:])),
        Pass(
            name: "excluded", configuration: annotations(["kuma.io/sidecar-injected": "false"])),
        Pass(name: "in kube-system", namespace: "kube-system"),
        Pass(
            name: "in an excluded namespace",
            configuration: configuration([
                "runtimeConfig": nil, "excludeNamespaces": ["monitoring", "shop"],
            ])),
        Pass(
            name: "the agent",
            configuration: configuration([
                "runtimeConfig": nil, "excludeNamespaces": [], "agent": "shop/node",
            ]), pod: "node-x4b2z"),
    ]

    @Test(arguments: passes, ["ADD", "CHECK"])
    func aPodOutsideTheMeshPasses(pass: Pass, command: String) async throws {
        let outcome = try await Self.run(
            command, pass.configuration,
            ["CNI_ARGS": "K8S_POD_NAMESPACE=\(pass.namespace);K8S_POD_NAME=\(pass.pod)"])
        #expect(outcome.status == 0, "\(outcome.output)")
        guard command == "ADD" else { return }
        #expect(try JSONValue(parsing: outcome.output) == Self.previous)
    }

    /// Only pods that the DaemonSet's controller has named are the agent's.
    @Test(arguments: ["node", "node-", "node-abc", "node-x4b2z-1", "node-other-x4b2z", "web"])
    func aPodThatOnlyLooksLikeTheAgentDoesNotPass(name: String) async throws {
        let configuration = Self.configuration([
            "runtimeConfig": nil, "excludeNamespaces": [], "agent": "shop/node",
        ])
        let outcome = try await Self.run(
            "ADD", configuration, ["CNI_ARGS": "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=\(name)"])
        #expect(try reported(outcome).code == 7)
    }

    @Test(arguments: versions)
    func theResultIsThePreviousOneInEveryVersion(version: String) async throws {
        let previous: JSONValue = [
            "cniVersion": .string(version), "interfaces": [["name": "eth0", "sandbox": "/x"]],
            "ips": [["address": "10.1.0.5/16", "interface": 0]], "dns": ["nameservers": []],
            "vendor": ["é": 1, "real": .real(0.5), "none": .null],
        ]
        let configuration = Self.configuration([
            "cniVersion": .string(version), "prevResult": previous,
            "runtimeConfig": ["io.kubernetes.cri.pod-annotations": .null],
        ])
        let outcome = try await Self.run("ADD", configuration)
        #expect(outcome.status == 0)
        #expect(try JSONValue(parsing: outcome.output) == previous)
    }

    // MARK: DEL and GC

    @Test func deletingWhatIsGoneSucceeds() async throws {
        for changes in [[:], ["CNI_NETNS": ""], ["CNI_ARGS": ""]] {
            for configuration in [Self.configuration(), Self.configuration(["prevResult": nil])] {
                let outcome = try await Self.run("DEL", configuration, changes)
                #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.output)")
            }
        }
    }

    @Test func garbageCollectionFindsNothing() async throws {
        let attachments: JSONValue = [["containerID": "c1", "ifname": "eth0"]]
        let outcome = try await Self.run(
            "GC",
            Self.configuration([
                "cni.dev/valid-attachments": attachments, "cni.dev/attachments": attachments,
                "prevResult": nil, "runtimeConfig": nil,
            ]))
        #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.output)")
    }
}
