import Testing
import TproxyConfig
import TproxyConfigYAML
import TproxyTestSupport

/// Defaults < files in order < environment < flags; a list replaces a list.
@Suite struct PrecedenceTests {
    private let variable = "KUMA_TRANSPARENT_PROXY_REDIRECT_OUTBOUND_PORT"

    private func load(
        _ files: [String], environment: [String: String] = [:], flags: [FlagValue] = []
    ) throws -> TproxyConfig {
        let documents = try files.map { try YAMLDocument.parse(text: $0, source: "f").get() }
        let loaded = ConfigurationLoader.load(
            files: documents, environment: environment, flags: flags)
        #expect(loaded.diagnostics.isEmpty)
        return loaded.config
    }

    @Test func laterSourcesWin() throws {
        let files = ["redirect: {outbound: {port: 1}}", "redirect: {outbound: {port: 2}}"]
        let flag = FlagValue(name: "--redirect-outbound-port", values: ["4"])
        func port(_ config: TproxyConfig) -> String { "\(config.redirect.outbound.port.value)" }
        #expect(port(try load([])) == "15001")
        #expect(port(try load([files[0]])) == "1")
        #expect(port(try load(files)) == "2")
        #expect(port(try load(files.reversed())) == "1")
        #expect(port(try load(files, environment: [variable: "3"])) == "3")
        #expect(port(try load(files, environment: [variable: "3"], flags: [flag])) == "4")
        #expect(port(try load([], environment: [variable: "3"])) == "3")
    }

    @Test func aLaterFileKeepsWhatItDoesntName() throws {
        let config = try load([
            "redirect: {outbound: {port: 1}}", "redirect: {inbound: {port: 2}}", "",
        ])
        #expect(config.redirect.outbound.port.value.number == 1)
        #expect(config.redirect.inbound.port.value.number == 2)
    }

    @Test func listsReplaceAndDontMerge() throws {
        let config = try load(
            ["redirect: {inbound: {excludePorts: [1, 2]}}"],
            environment: ["KUMA_TRANSPARENT_PROXY_REDIRECT_INBOUND_EXCLUDE_PORTS": "3"])
        #expect(config.redirect.inbound.excludePorts.value.map(\.value.number) == [3])
        let emptied = try load([
            "redirect: {inbound: {excludePorts: [1, 2]}}",
            "redirect: {inbound: {excludePorts: []}}",
        ])
        #expect(emptied.redirect.inbound.excludePorts.value.isEmpty)
    }

    @Test func everyValueHasItsOrigin() throws {
        let config = try load(
            ["redirect:\n  outbound:\n    port: 1\n"], environment: [variable: "3"],
            flags: [FlagValue(name: "--wait", values: ["9"])])
        #expect(
            config.redirect.outbound.port.origin.description == "environment variable \(variable)")
        #expect(config.wait.origin.description == "flag --wait")
        #expect(config.redirect.inbound.port.origin == .builtIn)
    }

    @Test func variablesWithoutThePrefixAreIgnored() throws {
        let config = try load([], environment: ["KUMA_DP_USER": "1", "CNI_MODE": "true"])
        #expect(config == TproxyConfig())
    }

    /// A value that a later source overrides is checked, too.
    @Test func overriddenValuesAreChecked() throws {
        let document = try YAMLDocument.parse(text: "wait: x", source: "f").get()
        let loaded = ConfigurationLoader.load(
            files: [document], environment: [:],
            flags: [FlagValue(name: "--wait", values: ["1"])])
        #expect(loaded.diagnostics.map(\.id) == ["invalid-number"])
    }

    @Test func allDNSTrafficTurnsRedirectionOn() throws {
        let config = try load(
            [], flags: [FlagValue(name: "--redirect-all-dns-traffic", values: ["true"])])
        #expect(config.redirect.dns.enabled.value)
        let off = try load(
            [], flags: [FlagValue(name: "--redirect-all-dns-traffic", values: ["false"])])
        #expect(!off.redirect.dns.enabled.value)
    }
}
