import Foundation
import Testing
import TproxyTestSupport

@Suite struct ConfigCommandTests {
    @Test func configShowNamesTheOriginOfEachValue() async throws {
        let outcome = try await Command.tproxy(
            ["config", "show", "--config", "-", "--wait", "7"],
            environment: ["KUMA_TRANSPARENT_PROXY_LOG_ENABLED": "true"],
            input: "redirect:\n  inbound:\n    excludePorts: [22, 23]\n")
        #expect(outcome.status == 0, "\(outcome.errors)")
        func row(_ key: String) -> [String] {
            outcome.output.split(separator: "\n").first { $0.hasPrefix(key + " ") }?
                .split(separator: " ", maxSplits: 2).map {
                    $0.trimmingCharacters(in: .whitespaces)
                } ?? []
        }
        #expect(row("wait") == ["wait", "7", "flag --wait"])
        #expect(
            row("log.enabled") == [
                "log.enabled", "true", "environment variable KUMA_TRANSPARENT_PROXY_LOG_ENABLED",
            ])
        #expect(
            row("redirect.inbound.excludePorts[1]")
                == ["redirect.inbound.excludePorts[1]", "23", "<stdin>:3:24"])
        #expect(row("redirect.inbound.port").last == "default")
    }

    @Test func schemaIsJSONWithEveryRedirectGroup() async throws {
        let outcome = try await Command.tproxy(["config", "schema"])
        let schema = try #require(
            JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let properties = try #require(schema["properties"] as? [String: Any])
        #expect(properties["kumaDPUser"] != nil)
        let redirect = try #require(properties["redirect"] as? [String: Any])
        let groups = try #require(redirect["properties"] as? [String: Any])
        #expect(Set(groups.keys) == ["inbound", "outbound", "dns", "vnet"])
    }

    @Test func printedFactsReadBackUnchanged() async throws {
        let printed = try await Unprivileged.tproxy(["facts", "--kuma-dp-user", "42"])
        #expect(printed.status == 0, "\(printed.errors)")
        let again = try await Command.tproxy(
            ["facts", "--kuma-dp-user", "42", "--facts", "-"], input: printed.output)
        #expect(again.output == printed.output)
    }
}
