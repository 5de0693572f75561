import Diagnostics
import Foundation
import KubernetesConfig
import Testing
import TproxyConfig

/// Errors name the pod and the annotation, and have a remedy.
@Suite struct AnnotationErrorTests {
    private func diagnostics(_ annotations: [String: String]) throws -> [Diagnostic] {
        try AnnotationTests.configuration(annotations).diagnostics
    }

    @Test(arguments: [
        ("traffic.kuma.io/exclude-inbound-ports", "80,70000", "port-out-of-range"),
        ("traffic.kuma.io/exclude-inbound-ips", "10.0.0.0/33", "invalid-cidr"),
        ("traffic.kuma.io/exclude-outbound-ports-for-uids", "sctp:1:1", "unsupported-protocol"),
        ("traffic.kuma.io/exclude-outbound-udp-ports-for-uids", "a:1000", "invalid-port"),
        ("traffic.kuma.io/iptables-logs", "on", "invalid-toggle"),
        (
            "traffic.kuma.io/transparent-proxy-config", "redirect:\n  inbound: {prot: 1}",
            "unknown-key"
        ),
        ("traffic.kuma.io/transparent-proxy-config", "a: [", "invalid-yaml"),
        ("kuma.io/transparent-proxying-ip-family-mode", "ipv6", "invalid-ip-family-mode"),
        ("kuma.io/application-probe-proxy-port", "http", "invalid-port"),
        ("kuma.io/virtual-probes-port", "0", "invalid-port"),
        ("kuma.io/gateway", "maybe", "invalid-toggle"),
        ("kuma.io/sidecar-uid", "-1", "invalid-user"),
        ("kuma.io/transparent-proxying", "disabled", "proxying-disabled"),
        ("kuma.io/transparent-proxying", "maybe", "invalid-toggle"),
        ("traffic.kuma.io/exclude-inbound-port", "80", "unknown-annotation"),
        ("traffic.kuma.io/something-else", "80", "unknown-annotation"),
        ("kuma.io/transparent-proxying-port", "80", "unknown-annotation"),
        ("kuma.io/builtin-dn", "enabled", "unknown-annotation"),
    ])
    func aMistakeIsRefusedWithPodAndAnnotation(name: String, value: String, id: String) throws {
        let errors = try diagnostics([name: value]).filter { $0.severity == .error }
        let error = try #require(errors.first)
        #expect(error.id == id)
        #expect(errors.count == 1, "\(errors)")
        let text = DiagnosticPrinter(width: 200).text(of: error)
        #expect(text.contains("pod shop/web"), "\(text)")
        #expect(text.contains(name), "\(text)")
        #expect(error.help?.isEmpty == false)
    }

    @Test func aMistakeIsMarkedInTheValue() throws {
        let error = try #require(
            try diagnostics(["traffic.kuma.io/exclude-inbound-ports": "80,70000"]).first)
        let excerpt = try #require(error.location?.excerpt)
        #expect(excerpt == .init(line: "80,70000", column: 4, length: 5))
    }

    @Test func aMistypedNameIsAnsweredWithTheRightOne() throws {
        let error = try #require(
            try diagnostics(["traffic.kuma.io/exclude-inbuond-ports": "80"]).first)
        #expect(error.help == "did you mean 'traffic.kuma.io/exclude-inbound-ports'?")
    }

    @Test(arguments: [
        "kuma.io/mesh", "kuma.io/envoy-admin-port", "kuma.io/init-first", "kuma.io/workload",
        "kubectl.kubernetes.io/default-container", "example.org/exclude-inbound-ports",
    ])
    func otherAnnotationsAreNotOurs(name: String) throws {
        #expect(try diagnostics([name: "x"]).isEmpty)
    }

    @Test func disabledIsRefusedWithTheReason() throws {
        let error = try #require(
            try diagnostics(["kuma.io/transparent-proxying": "disabled"]).first)
        #expect(error.message.contains("impossible on Kubernetes"))
        #expect(error.notes.contains { $0.contains("bypass the proxy") })
        #expect(try diagnostics(["kuma.io/transparent-proxying": "enabled"]).isEmpty)
    }

    // MARK: Former spellings

    @Test func formerSpellingsCountWithAWarning() throws {
        let configuration = try AnnotationTests.configuration([
            "kuma.io/builtindns": "disabled", "kuma.io/builtindnsport": "16053",
        ])
        #expect(!configuration.config.redirect.dns.enabled.value)
        #expect(configuration.config.redirect.dns.port.value.number == 16053)
        #expect(
            configuration.diagnostics.map(\.id) == [
                "deprecated-annotation", "deprecated-annotation",
            ])
        #expect(configuration.diagnostics.allSatisfy { $0.severity == .warning })
    }

    @Test func theCurrentSpellingWins() throws {
        let configuration = try AnnotationTests.configuration([
            "kuma.io/builtindnsport": "1", "kuma.io/builtin-dns-port": "2",
        ])
        #expect(configuration.config.redirect.dns.port.value.number == 2)
        #expect(configuration.diagnostics.first?.message.contains("is ignored beside") == true)
    }

    @Test func ownersOfBothProtocolsAddUp() throws {
        let configuration = try AnnotationTests.configuration([
            "traffic.kuma.io/exclude-outbound-ports-for-uids": "80:1",
            "traffic.kuma.io/exclude-outbound-tcp-ports-for-uids": "22:1000;1001",
            "traffic.kuma.io/exclude-outbound-udp-ports-for-uids": "53:1002",
        ])
        let owners = configuration.config.redirect.outbound.excludePortsForUIDs.value
        #expect(
            owners.map { "\($0.value)" } == [
                "tcp,udp:80:1", "tcp:22:1000", "tcp:*:1001", "udp:53:1002",
            ])
    }

    // MARK: Membership

    @Test(arguments: [
        (["kuma.io/sidecar-injected": "true"], "meshed"),
        (["kuma.io/sidecar-injected": "enabled"], "meshed"),
        (["kuma.io/sidecar-injected": "false"], "not"),
        (
            [
                "kuma.io/sidecar-injected": "false",
                "traffic.kuma.io/transparent-proxy-config": "{}",
            ],
            "not"
        ),
        (["traffic.kuma.io/transparent-proxy-config": "{}"], "meshed"),
        (["kuma.io/sidecar-injected": "ture"], "undetermined"),
        ([:], "not"),
    ])
    func annotationsSayWhetherAPodIsInTheMesh(annotations: [String: String], expected: String) {
        let pod = KubernetesPod(
            namespace: "shop", name: "web",
            annotations: annotations.map {
                PodAnnotation(name: $0.key, value: $0.value, ofPod: "pod shop/web")
            })
        let found =
            switch pod.membership {
            case .meshed: "meshed"
            case .notMeshed: "not"
            case .undetermined: "undetermined"
            }
        #expect(found == expected)
    }
}

/// docs/kubernetes/README.md lists the annotations that the code reads.
@Suite struct AnnotationReferenceTests {
    @Test func theDocumentHasARowForEveryAnnotation() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let document = try String(
            contentsOf: root.appending(path: "docs/kubernetes/README.md"), encoding: .utf8)
        let rows = RedirectionAnnotation.all.map {
            "| `\($0.name)` | \($0.defaultText) | \($0.summary) |"
        }
        let listed = document.split(separator: "\n").filter {
            $0.hasPrefix("| `kuma.io/") || $0.hasPrefix("| `traffic.kuma.io/")
        }
        #expect(listed.map(String.init) == rows)
    }
}
