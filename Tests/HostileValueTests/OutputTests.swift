import Diagnostics
import Foundation
import Testing
import TproxyTestSupport

/// The output of commands for hostile names and contents.
@Suite struct OutputTests {
    /// Runs the program; expects no control characters in its output.
    private func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> Command.Outcome {
        let outcome = try await Command.tproxy(arguments, environment: environment)
        for text in [outcome.output, outcome.errors] {
            #expect(VisibleText.lines(text) == text, "\(arguments): \(text.debugDescription)")
        }
        return outcome
    }

    /// Hostile values that can be arguments and that a terminal doesn't show unchanged.
    private static let hidden = HostileValue.all.map(\.text).filter { text in
        text.unicodeScalars.contains(where: VisibleText.isHidden) && !text.contains("\0")
    }

    @Test func hostileCommandLinesAreShownAsText() async throws {
        let outcome = try await run(
            ["plan", "--facts", Self.hidden[0]] + Self.hidden.flatMap { ["--config", $0] })
        #expect(outcome.status == 1)
        // A value of several lines is a configuration, and others are the name of a file.
        let files = Self.hidden.filter { !$0.utf8.contains(UInt8(ascii: "\n")) }
        #expect(outcome.errors.components(separatedBy: "unreadable-file").count > files.count)
        for text in ["\u{1B}[2J", "\u{202E}x", "\u{9B}31m"] {
            for arguments in [[text], ["--\(text)"], ["--instance", text], ["--backend", text]] {
                #expect(try await run(["plan"] + arguments).status == 64)
            }
        }
        for variable in ["WAIT", "LOG_LEVEL", "X\u{1B}[2J"] {
            let outcome = try await run(
                ["plan"], environment: ["KUMA_TRANSPARENT_PROXY_\(variable)": "\u{1B}[2J\u{202E}"])
            #expect(outcome.errors.contains(variable.prefix(1)))
        }
    }

    /// Every report shows the effective paths, as text.
    @Test func hostilePathsAreShownAsText() async throws {
        let folder = try TestFolder()
        let facts = try Scenario.named("default").path(of: "facts.json")
        for configuration in TextConfiguration.all {
            let file = folder.path(of: "c.yaml")
            try Data(configuration.yaml.utf8).write(to: URL(fileURLWithPath: file))
            for arguments in [
                ["config", "show", "--config", file, "--output", "json"],
                ["plan", "--config", file, "--facts", facts],
                ["plan", "--config", file, "--facts", facts, "--output", "json"],
            ] {
                let outcome = try await run(arguments)
                #expect(outcome.status == 0, "\(configuration.yaml): \(outcome.errors)")
            }
        }
    }

    /// Foreign rules of a listing are shown as text, whatever their comments contain.
    @Test func foreignRulesAreShownAsText() async throws {
        let comments = HostileValue.all.map(\.text).filter { !$0.contains("\n") }
        let rules = comments.map { text in
            let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return "-A OUTPUT -m comment --comment \"\(quoted)\" -m x -j ACCEPT"
        }
        let listing =
            "*nat\n:OUTPUT ACCEPT [0:0]\n" + rules.joined(separator: "\n") + "\nCOMMIT\n"
        let folder = try TestFolder()
        try Data(listing.utf8).write(to: folder.url.appendingPathComponent("rules"))
        for form in ["text", "json"] {
            let outcome = try await run([
                "explain", "--ruleset", folder.path(of: "rules"), "--to", "10.0.0.1:80", "--path",
                "--output", form,
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("10.0.0.1"))
        }
    }

    /// The page has the same elements as with plain values.
    @Test func hostileTextAddsNoElementToAPage() async throws {
        let folder = try TestFolder()
        let facts = try Scenario.named("default").path(of: "facts.json")
        func page(_ configuration: TextConfiguration, _ name: String) async throws -> URL {
            // The page contains the name of the file as well.
            let file = folder.path(of: name)
            try Data(configuration.yaml.utf8).write(to: URL(fileURLWithPath: file))
            let outcome = try await Command.tproxy([
                "plan", "--config", file, "--facts", facts, "--format", "html",
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let page = folder.url.appendingPathComponent("page.html")
            try Data(outcome.output.utf8).write(to: page)
            return page
        }
        let markup = "<img src=x onerror=alert(1)>'\"&amp;<!--\u{202E}.yaml"
        try await Browser.with { browser in
            let shape = """
                JSON.stringify([...document.querySelectorAll("*")].map((element) =>
                    [element.tagName, element.getAttributeNames().join()]))
                """
            try await browser.open(try await page(.plain, "plain.yaml"))
            let plain: String = try await browser.value(of: shape)
            for configuration in TextConfiguration.all {
                try await browser.open(try await page(configuration, markup))
                #expect(try await browser.value(of: shape) == plain, "\(configuration.yaml)")
            }
            #expect(await browser.complaints == [])
        }
    }
}

extension Scenario {
    static func named(_ name: String) throws -> Scenario {
        try #require(all.first { $0.name == name })
    }
}
