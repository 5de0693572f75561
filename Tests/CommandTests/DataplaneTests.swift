import Foundation
import Testing
import TproxyTestSupport

/// `--dataplane` and `tproxy dataplane show`.
@Suite struct DataplaneTests {
    private static let universal = """
        type: Dataplane
        mesh: default
        name: {{ name }}
        networking:
          address: {{ address }}
          inbound:
            - port: {{ port }}
              tags: {kuma.io/service: "{{ name }}"}
          transparentProxying:
            redirectPortInbound: 16006
            redirectPortOutbound: 16001
            ipFamilyMode: IPv4
            reachableServices: ["*"]

        """
    private static let kubernetes = """
        apiVersion: kuma.io/v1alpha1
        kind: Dataplane
        mesh: default
        metadata: {name: web, namespace: shop}
        spec:
          networking:
            address: 10.0.0.1
            transparentProxying:
              redirectPortInbound: 16006
              redirectPortOutbound: 16001
              ipFamilyMode: IPv4

        """

    @Test(arguments: [universal, kubernetes])
    func portsAndFamiliesAreTheResources(resource: String) async throws {
        let outcome = try await Command.tproxy(
            ["plan", "--dataplane", "-", "--kuma-dp-user", "5678", "--format", "nft"],
            input: resource)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("redirect to :16006"))
        #expect(outcome.output.contains("redirect to :16001"))
        #expect(!outcome.output.contains("ip6 "))
    }

    /// Each value that a resource may have: names and numbers of Kuma's protocol.
    @Test(arguments: [
        ("DualStack", "dualstack"), ("dualstack", "dualstack"), ("1", "dualstack"),
        ("IPv4", "ipv4"), ("ipv4", "ipv4"), ("2", "ipv4"), ("UnSpecified", "dualstack"),
    ])
    func familyModeOfTheResourceIsRead(written: String, mode: String) async throws {
        let resource = Self.universal.replacingOccurrences(of: "IPv4", with: written)
        let outcome = try await Command.tproxy(
            ["config", "show", "--dataplane", "-"], input: resource)
        let line = outcome.output.split(separator: "\n").first { $0.hasPrefix("ipFamilyMode") }
        let words = line?.split(separator: " ").map(String.init) ?? []
        #expect(words.dropFirst().first == mode, "\(outcome.output)\(outcome.errors)")
    }

    /// A setting that isn't the resource's comes from where it always does.
    @Test func otherSettingsAreTheConfigurations() async throws {
        let outcome = try await Command.tproxy(
            [
                "config", "show", "--dataplane", "-", "--redirect-dns-port", "1053",
                "--redirect-inbound-port", "16006",
            ], environment: ["KUMA_TRANSPARENT_PROXY_WAIT": "7"], input: Self.universal)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n").map {
            $0.split(separator: " ").prefix(2).joined(separator: " ")
        }
        for line in [
            "redirect.dns.port 1053", "wait 7", "redirect.inbound.port 16006",
            "redirect.outbound.port 16001", "ipFamilyMode ipv4",
        ] {
            #expect(lines.contains(line), "\(outcome.output)")
        }
        #expect(outcome.output.contains("<stdin>:11:27"), "\(outcome.output)")
    }

    // MARK: Contradictions

    @Test(arguments: [
        (
            ["--redirect-inbound-port", "15006"], "redirect.inbound.port is 15006, and 16006",
            ":10:26"
        ),
        (["--redirect-outbound-port=1"], "redirect.outbound.port is 1, and 16001", ":11:27"),
        (["--ip-family-mode", "dualstack"], "ipFamilyMode is dualstack, and ipv4", ":12:19"),
    ])
    func aContradictionNamesBothPlaces(flags: [String], words: String, place: String) async throws {
        for command in [["plan", "--kuma-dp-user", "1"], ["config", "check"], ["diff"]] {
            let outcome = try await Command.tproxy(
                command + ["--dataplane", "-"] + flags, input: Self.universal)
            #expect(outcome.status == 1)
            #expect(
                outcome.errors.contains("\(words) in the Dataplane at <stdin>\(place)"),
                "\(outcome.errors)")
            #expect(outcome.errors.contains(flags[0].split(separator: "=")[0]), "\(outcome.errors)")
            #expect(outcome.errors.contains("[contradictory-dataplane]"))
        }
    }

    @Test func aContradictionWithAFileNamesItsLine() async throws {
        let folder = try TestFolder()
        let file = folder.path(of: "config.yaml")
        try "redirect:\n  outbound:\n    port: 15001\n".write(
            toFile: file, atomically: false, encoding: .utf8)
        let outcome = try await Command.tproxy(
            ["config", "check", "--config", file, "--dataplane", "-"], input: Self.universal)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("\(file):3:11"), "\(outcome.errors)")
    }

    // MARK: Bad input

    @Test(arguments: [
        ("type: Mesh\nname: x", "resource of type 'Mesh'", 1),
        ("a: b", "neither 'type' nor 'kind'", 1),
        ("", "neither 'type' nor 'kind'", 1),
        ("type: Dataplane\nnetworking: 5", "'networking' of the Dataplane is not a mapping", 1),
        ("type: Dataplane\nnetworking: {address: 1.2.3.4}", "no networking.transparentProxying", 0),
        (
            "type: Dataplane\nnetworking: {transparentProxying: {redirectPortInbond: 1}}",
            "did you mean 'redirectPortInbound'", 1
        ),
        (
            "type: Dataplane\nnetworking: {transparentProxying: {redirectPortInbound: 0}}",
            "<stdin>:2:57", 1
        ),
        (
            "type: Dataplane\nnetworking: {transparentProxying: {ipFamilyMode: IPv6}}", "IPv6", 1
        ),
        (
            "type: Dataplane\nnetworking: {transparentProxying: {redirectPortInboundV6: 1}}",
            "redirectPortInboundV6 has no effect", 0
        ),
        ("type: Dataplane\nnetworking: [", "not valid YAML", 1),
    ])
    func badResourceIsAnErrorWithItsPlace(text: String, words: String, status: Int32) async throws {
        let outcome = try await Command.tproxy(
            ["config", "check", "--dataplane", "-"], input: text)
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test func aMissingFileIsAnError() async throws {
        let outcome = try await Command.tproxy(["config", "check", "--dataplane", "/absent"])
        #expect(outcome.status == 1 && outcome.errors.contains("can't read '/absent'"))
    }

    @Test func aPlanFileLeavesNoRoomForAResource() async throws {
        let outcome = try await Command.tproxy(["apply", "--plan", "p", "--dataplane", "d"])
        #expect(outcome.status == 64 && outcome.errors.contains("leave out --dataplane"))
    }

    // MARK: dataplane show

    @Test(arguments: ["universal", "kubernetes"])
    func theShownResourceMatchesTheConfiguration(format: String) async throws {
        let flags = [
            "--redirect-inbound-port", "17006", "--redirect-outbound-port", "17001",
            "--ip-family-mode", "ipv4",
        ]
        let shown = try await Command.tproxy(["dataplane", "show", "--format", format] + flags)
        #expect(shown.status == 0, "\(shown.errors)")
        let read = try await Command.tproxy(
            ["config", "show", "--dataplane", "-"], input: shown.output)
        let lines = read.output.split(separator: "\n").map {
            $0.split(separator: " ").prefix(2).joined(separator: " ")
        }
        for line in [
            "redirect.inbound.port 17006", "redirect.outbound.port 17001", "ipFamilyMode ipv4",
        ] {
            #expect(lines.contains(line), "\(shown.output)\(read.output)\(read.errors)")
        }
    }

    @Test func theShownResourceHasTheGivenNames() async throws {
        let shown = try await Command.tproxy([
            "dataplane", "show", "--name", "web\"\n- x: \u{7f}", "--mesh", "no", "--address", "::1",
        ])
        #expect(
            shown.output == #"""
                type: Dataplane
                mesh: "no"
                name: "web\"\x0a- x: \x7f"
                networking:
                  address: "::1"
                  # Add 'inbound' with the ports of the service, or 'gateway'.
                  transparentProxying:
                    redirectPortInbound: 15006
                    redirectPortOutbound: 15001
                    ipFamilyMode: DualStack

                """#)
        let plain = try await Command.tproxy(["dataplane", "show", "--name", "web"])
        #expect(plain.output.contains("name: web\n") && plain.output.contains("mesh: default\n"))
    }

    /// The unit reads the resource again at each start.
    @Test func theUnitNamesTheResource() async throws {
        // A unit can't name a file in a folder for temporary files.
        let file = Scenario.root.appendingPathComponent(".build/dataplane-\(UUID()).yaml")
        try Self.kubernetes.write(to: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let outcome = try await Command.tproxy([
            "export", "systemd", "--output", "-", "--dataplane", file.path, "--kuma-dp-user",
            "5678",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let start = outcome.output.split(separator: "\n").first { $0.hasPrefix("ExecStart=") }
        #expect(start?.contains("--dataplane=\(file.path)") == true, "\(outcome.output)")
    }
}
