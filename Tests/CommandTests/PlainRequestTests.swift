import ArgumentParser
import JSON
import Rehearsal
import Testing
import TproxyTestSupport

@testable import TproxyCommands

/// A plain command line means what ArgumentParser reads in it.
@Suite struct PlainRequestTests {
    /// A command that has plain requests.
    struct Subject: Sendable, CustomTestStringConvertible {
        var name: String
        var names: [String]
        var plain: @Sendable ([String]) -> String?
        var parsed: @Sendable ([String]) -> String?
        var dump: @Sendable () -> String

        var testDescription: String { name }

        static let all = [
            Subject(
                name: "apply", names: ApplyRequest.plainOptions.map(\.name),
                plain: { text(ApplyRequest.plain($0)) },
                parsed: { text(try? ApplyCommand<ApplyMessages>.parse(separated($0)).request) },
                dump: { ApplyCommand<ApplyMessages>._dumpHelp() }),
            Subject(
                name: "status", names: StatusRequest.plainOptions.map(\.name),
                plain: { text(StatusRequest.plain($0)) },
                parsed: { text(try? StatusCommand.parse(separated($0)).request) },
                dump: { StatusCommand._dumpHelp() }),
            Subject(
                name: "remove", names: RemoveRequest.plainOptions.map(\.name),
                plain: { text(RemoveRequest.plain($0)) },
                parsed: { text(try? RemoveCommand<RemoveMessages>.parse(separated($0)).request) },
                dump: { RemoveCommand<RemoveMessages>._dumpHelp() }),
        ]

        private static func separated(_ words: [String]) -> [String] {
            ConfigurationSources.separatingToggleValues(words)
        }

        private static func text(_ request: (any PlainRequest)?) -> String? {
            guard let request else { return nil }
            var text = ""
            Swift.dump(request, to: &text)
            return text
        }
    }

    private static let values = [
        "--backend": "iptables", "--submit": "netlink", "--output": "json", "--instance": "other",
        "--color": "never", "--confirm": "60s",
    ]

    @Test(arguments: Subject.all)
    func everyOptionOfTheCommandIsKnown(subject: Subject) throws {
        let command = try JSONValue(parsing: subject.dump())["command"]
        let named = (command?["arguments"]?.array ?? []).flatMap { $0["names"]?.array ?? [] }
        let names = Set(named.compactMap { $0["name"]?.string }.map { "--\($0)" })
        #expect(Set(subject.names) == names.subtracting(["--help", "--h", "--version"]))
        #expect(Set(subject.names).count == subject.names.count)
    }

    @Test(arguments: Subject.all)
    func eachOptionMeansWhatTheParserReads(subject: Subject) {
        let bare = subject.plain([])
        #expect(bare != nil && bare == subject.parsed([]))
        for name in subject.names {
            let value = Self.values[name] ?? "7"
            var understood = 0
            for words in [
                [name], [name, value], ["\(name)=\(value)"], ["\(name)=a", "\(name)=\(value)"],
                ["\(name)=\(value)", "--instance", "other"],
            ] {
                guard let plain = subject.plain(words) else { continue }
                understood += 1
                #expect(plain == subject.parsed(words), "\(words)")
                #expect(plain != bare || Self.areWithoutEffect.contains(name))
            }
            #expect(understood > 0, "\(name)")
        }
    }

    /// `ConsoleOptions` reads these.
    private static let areWithoutEffect = ["--quiet", "--color"]

    @Test(arguments: Subject.all)
    func whatIsUnderstoodIsWhatTheParserReads(subject: Subject) {
        var generator = SeededGenerator.forTest()
        let others = [
            "-", "--", "x", "", "--help", "-h", "--strict=1", "--dry", "--config=", "--verbose=",
            "--output=yaml", "--backend=ipfw", "--instance=A B", "a=b", "--no-such=1", "json",
            "--submit=netlink", "--plan=f", "--color=blue", "true", "false", "-1", "--wait=-1",
        ]
        var understood = 0
        for _ in 0..<300 {
            let words = (0..<Int.random(in: 1...4, using: &generator)).flatMap { _ -> [String] in
                let name = subject.names.randomElement(using: &generator) ?? ""
                return switch Int.random(in: 0..<5, using: &generator) {
                case 0: [name]
                case 1: ["\(name)=\(Self.values[name] ?? "7")"]
                case 2, 3: [name, Self.values[name] ?? "7"]
                case _: [others.randomElement(using: &generator) ?? ""]
                }
            }
            guard let plain = subject.plain(words) else { continue }
            understood += 1
            #expect(plain == subject.parsed(words), "\(words), seed \(generator.seed)")
        }
        #expect(understood > 10)
    }

    @Test(arguments: [
        "apply --help", "apply --version", "apply --wai 1", "apply --wait", "apply --wait -1",
        "apply --dry-run true", "apply --output yaml", "apply --plan file --backend nft",
        "apply --backend iptables --submit netlink", "status --color blue", "apply --strict=1",
        "apply --config=",
        "plan", "diff", "install", "install other", "help apply", "",
    ])
    func theRestIsTheParsers(line: String) {
        let words = line.split(separator: " ").map(String.init)
        #expect(TproxyCommand.plainRequest(words) == nil)
    }

    @Test(arguments: [
        ("install transparent-proxy --redirect-dns --verbose", true),
        ("uninstall transparent-proxy --dry-run", false),
    ])
    func kumactlsNamesAreKnown(line: String, isApply: Bool) throws {
        let words = line.split(separator: " ").map(String.init)
        let request = try #require(TproxyCommand.plainRequest(words))
        #expect((request is ApplyRequest) == isApply)
    }

    /// ArgumentParser alone would read `true` here.
    @Test(arguments: ConfigurationSources.plainOptions.filter { $0.kind == .toggle }.map(\.name))
    func theValueOfAToggleCountsBeforeAnotherOption(name: String) throws {
        let words = ["\(name)=false", "--instance", "other"]
        let plain = try #require(ApplyRequest.plain(words))
        let parsed = try ApplyCommand<ApplyMessages>.parse(
            ConfigurationSources.separatingToggleValues(words)
        ).request
        #expect(plain.configuration.flags.map(\.values) == [["false"]])
        #expect(parsed.configuration.flags.map(\.values) == [["false"]])
    }

    @Test func otherWordsStayAsTheyAre() {
        let words = ["--wait=5", "--verbose", "--verbose=", "--verbose=-1", "x=y", "--config=a=b"]
        #expect(ConfigurationSources.separatingToggleValues(words) == words)
        #expect(
            ConfigurationSources.separatingToggleValues(["plan", "--verbose=a=b"])
                == ["plan", "--verbose", "a=b"])
    }
}
