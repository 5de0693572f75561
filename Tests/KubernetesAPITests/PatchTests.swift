import Diagnostics
import JSON
import Testing

@testable import KubernetesAPI

struct PatchTests {
    private static let node: JSONValue = [
        "spec": [
            "taints": [
                ["key": "a", "effect": "NoSchedule"], ["key": "agent", "effect": "NoSchedule"],
                ["key": "agent", "effect": "NoExecute"],
            ]
        ]
    ]

    @Test func onlyTheTaintsOfTheKeyAreRemovedAndOnlyIfNoneHasChanged() throws {
        let patch = try #require(APIServer.removal(of: "agent", from: Self.node))
        #expect(
            patch == [
                [
                    "op": "test", "path": "/spec/taints",
                    "value": Self.node["spec"]?["taints"] ?? .null,
                ],
                [
                    "op": "replace", "path": "/spec/taints",
                    "value": [["key": "a", "effect": "NoSchedule"]],
                ],
            ])
    }

    @Test func aNodeWithoutTheTaintIsNotPatched() {
        #expect(APIServer.removal(of: "other", from: Self.node) == nil)
        #expect(APIServer.removal(of: "agent", from: ["spec": [:]]) == nil)
    }

    @Test(arguments: [
        (401, "token"), (403, "service account"), (404, "--node"), (410, "lists the pods again"),
        (429, "less often"), (500, "check the API server"), (503, "check the API server"),
    ])
    func aRefusalNamesCauseAndRemedy(status: Int, remedy: String) throws {
        let server = APIServer(url: "https://10.0.0.1:443/", tokenFile: nil, authoritiesFile: nil)
        let failure = APIFailure(
            status: status, document: Array(#"{"kind":"Status","message":"because"}"#.utf8))
        let diagnostic = failure.diagnostic("list", server, permission: "list pods")
        #expect(
            diagnostic.message
                == "can't list: the API server https://10.0.0.1:443 answers \(status): because")
        #expect(try #require(diagnostic.help).contains(remedy))
    }

    @Test(
        arguments: [
            (
                ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "6443"],
                "https://10.0.0.1:6443"
            ),
            (["KUBERNETES_SERVICE_HOST": "fd00::1"], "https://[fd00::1]:443"), ([:], nil),
            (["KUBERNETES_SERVICE_HOST": ""], nil),
        ] as [([String: String], String?)])
    func theServerIsThatOfTheEnvironment(environment: [String: String], url: String?) {
        #expect(APIServer.address(in: environment) == url)
    }

    @Test(arguments: ["", "a b", "a/b", "a%2f", "..", "A", "a&b"])
    func textThatIsNoNameIsNoPartOfAURL(text: String) {
        #expect(!APIServer.isName(text))
        #expect(APIServer.isName("node-1.example"))
    }
}
