import Addressing
import Foundation
import Rehearsal
import RuleCompiler
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

/// The explain box of the page agrees with the command and the interpreter.
@Suite(.serialized) struct ExplainBoxTests {
    private static let questions = [
        Question(["to": "203.0.113.1:443"]),
        Question(["to": "203.0.113.1:443", "uid": "1000"]),
        Question(["to": "203.0.113.1:443", "uid": "5678"]),
        Question(["to": "203.0.113.1:443", "uid": "none"]),
        Question(["to": "203.0.113.1:8005", "uid": "1700"]),
        Question(["to": "203.0.113.1:3306", "uid": "4294967294"]),
        Question(["to": "169.254.169.254:80"]),
        Question(["to": "127.0.0.1:8080", "uid": "5678"]),
        Question(["to": "127.0.0.2:8080", "uid": "5678"]),
        Question(["to": "10.1.2.3:8080", "from": "10.1.2.3", "uid": "5678"]),
        Question(["to": "10.1.2.3:8080", "from": "127.0.0.6", "interface": "lo"]),
        Question(["to": "[2001:db8::1]:443", "uid": "1000"]),
        Question(["to": "[::1]:9000", "uid": "5678"]),
        Question(["to": "[fd00:7::ffff]:443"]),
        Question(["to": "[::ffff:192.0.2.1]:0443", "from": "[::ffff:127.0.0.6]:00080"]),
        Question(["to": "0.0.0.0:8080", "uid": "5678"]),
        Question(["to": "[::]:8080", "uid": "1000"]),
        Question(["to": "[::ffff:0.0.0.0]:8080"]),
        Question(["to": "0.0.0.0:8080", "from": "10.1.2.3", "uid": "5678"]),
        Question(["to": "[::ffff:203.0.113.1]:443", "from": "::", "uid": "1000"]),
        Question(["to": "8.8.8.8:53", "proto": "udp", "uid": "5678"]),
        Question(["to": "8.8.8.8:53", "proto": "udp", "uid": "1750"]),
        Question(["to": "8.8.8.8:53", "uid": "0"]),
        Question(["to": "2001:db8::7", "port": "8080", "uid": "1000"]),
        Question(["to": "192.0.2.10:8080", "from": "198.51.100.9", "direction": "in"]),
        Question(["to": "192.0.2.10:22", "from": "198.51.100.9:50000", "direction": "in"]),
        Question(["to": "192.0.2.10:80", "from": "10.9.200.1", "direction": "in"]),
        Question([
            "to": "8.8.4.4:53", "from": "172.17.0.2:5353", "direction": "in", "proto": "udp",
            "interface": "docker0",
        ]),
        Question([
            "to": "[2001:db8::2]:80", "from": "fd00:18::9", "direction": "in",
            "interface": "br-12",
        ]),
        Question([
            "to": "192.0.2.10:40000", "from": "8.8.8.8:53", "direction": "in", "proto": "udp",
        ]),
    ]

    @Test(arguments: ["default", "everything"])
    func linksHaveTheCommandsAnswer(name: String) async throws {
        let scenario = try Scenario.named(name)
        try #require(Self.questions.count >= 20)
        try await PageFile.with { folder in
            let page = try await folder.make(scenario)
            try await Browser.with { browser in
                for question in Self.questions {
                    try await browser.open(page, fragment: question.fragment)
                    let shown: PageAnswer = try await browser.value(of: PageAnswer.reading)
                    let outcome = try await Command.tproxy(
                        [
                            "explain", "--output", "json", "--config", "tproxy.yaml", "--facts",
                            "facts.json",
                        ] + question.arguments, in: scenario.folder.path)
                    let answer = try JSONDecoder().decode(
                        CommandAnswer.self, from: Data(outcome.output.utf8))
                    #expect(
                        shown
                            == answer.asPage(
                                command: shown.facts["command"],
                                note: answer.note), "\(question)")
                }
                #expect(await browser.complaints == [])
            }
        }
    }

    /// Following a link inside the open page asks its question.
    @Test func newFragmentAsksANewQuestion() async throws {
        let question = Question(["to": "203.0.113.1:443", "uid": "5678"])
        try await PageFile.with { folder in
            let page = try await folder.make(try Scenario.named("default"))
            try await Browser.with { browser in
                try await browser.open(page, fragment: Self.questions[0].fragment)
                let answer: PageAnswer = try await browser.value(
                    of: """
                        new Promise((resolve) => {
                            addEventListener("hashchange", () => resolve(\(PageAnswer.reading)));
                            location.hash = "\(question.fragment)";
                        })
                        """)
                #expect(answer.facts["because"] == "proxy's own traffic (chain OUTBOUND, rule 6)")
                let examples: [String] = try await browser.value(
                    of: "[...document.querySelectorAll('.examples a')].map((one) => one.hash)")
                #expect(examples.count == 5)
                for example in examples {
                    try await browser.open(page, fragment: String(example.dropFirst()))
                    let answer: PageAnswer = try await browser.value(of: PageAnswer.reading)
                    #expect(answer.facts["outcome"] != nil, "\(example)")
                }
            }
        }
    }

    /// In both pictures of the hook, the marked rows are the steps, and the marked end the outcome.
    @Test(arguments: ["default", "everything"])
    func picturesShowThePathOfThePacket(name: String) async throws {
        let scenario = try Scenario.named(name)
        let trace = RuleTrace(try scenario.compile().ruleset)
        try await PageFile.with { folder in
            let page = try await folder.make(scenario)
            try await Browser.with { browser in
                for question in Self.questions {
                    try await browser.open(page, fragment: question.fragment)
                    let answer: PageAnswer = try await browser.value(of: PageAnswer.reading)
                    let paths: [MarkedPath] = try await browser.value(of: MarkedPath.reading)
                    #expect(paths.count == 2, "\(question)")
                    let isRedirected =
                        answer.facts["outcome"]?.contains("redirected to port") == true
                    for path in paths {
                        let rules = answer.steps.map(\.place)
                        #expect(path.containsAll(rules), "\(question) \(path) \(rules)")
                        let end = path.ends.first ?? "none"
                        #expect(path.ends.count == 1, "\(question) \(path.ends)")
                        if isRedirected {
                            let port = end.split(separator: " ").last.map(String.init) ?? "?"
                            #expect(
                                answer.facts["outcome"]
                                    == "redirected to port \(port) of this host",
                                "\(question) \(end)")
                        } else {
                            #expect(end == "not redirected", "\(question)")
                        }
                        // One arrow leaves each node on the path but the last.
                        #expect(path.ways == path.nodes - 1, "\(question) \(path)")
                    }
                    let rows: [String] = try await browser.value(of: MarkedPath.tableRows)
                    let met = Set(answer.steps.map(\.place))
                    #expect(rows.count <= met.count && (rows.isEmpty == met.isEmpty))
                }
                #expect(await browser.complaints == [])
                #expect(!trace.explain(try .out(.tcp, to: "203.0.113.1", 443)).steps.isEmpty)
            }
        }
    }

    /// The line has the fields of `explain --packets`, in any order.
    @Test func lineIsReadAsExplainReadsIt() async throws {
        let lines = [
            ("out tcp uid=1000 to=203.0.113.1:443 via=eth0", true),
            ("in tcp from=198.51.100.9 to=192.0.2.10:80 on=eth0", true),
            ("  out\tudp to=8.8.8.8:53   # DNS", true),
            ("to=203.0.113.1:443", true), ("uid=7 out to=203.0.113.1 port=80", true),
            ("out tcp to=203.0.113.1:80 to=203.0.113.2:80", false),
            ("out tcp udp to=203.0.113.1:80", false), ("out tcp target=203.0.113.1:80", false),
            ("out tcp 203.0.113.1:80", false), ("", false), ("# nothing", false),
        ]
        try await PageFile.with { folder in
            let scenario = try Scenario.named("default")
            let page = try await folder.make(scenario)
            try await Browser.with { browser in
                try await browser.open(page)
                let answers: [PageAnswer] = try await browser.value(
                    of: try PageAnswer.asking(lines: lines.map(\.0)))
                for ((line, isValid), answer) in zip(lines, answers) {
                    #expect(answer.facts.isEmpty == !isValid, "\(line) \(answer)")
                    #expect(answer.problems.isEmpty == isValid, "\(line) \(answer)")
                    let outcome = try await Command.tproxy(
                        [
                            "explain", "--config", "tproxy.yaml", "--facts", "facts.json",
                            "--packets", "-",
                        ],
                        input: line + "\n", in: scenario.folder.path)
                    #expect((outcome.status == 0) == isValid, "\(line) \(outcome.errors)")
                    if isValid {
                        let words = answer.facts["outcome"] ?? "?"
                        let port = words.split(separator: " ").first { Int($0) != nil }
                        let word = port ?? words.prefix { $0 != ":" }
                        #expect(outcome.output.contains(word), "\(line)")
                    }
                }
                #expect(await browser.complaints == [])
            }
        }
    }

    /// A packet to one of the host's own addresses goes over loopback.
    @Test func ownAddressesAreReachedOverLoopback() async throws {
        let facts = """
            {
              "proxyUser": 5678, "loopback": "lo", "resolvers": [], "hasDockerDNSChain": false,
              "ipv6": { "isUsable": true, "reason": "a test" },
              "addresses": [
                { "interface": "ens3", "address": "192.0.2.10" },
                { "interface": "ens4", "address": "2001:db8::10" }
              ]
            }
            """
        let questions = [
            Question(["to": "192.0.2.10:80", "uid": "5678"]),
            Question(["to": "[2001:db8::10]:80"]), Question(["to": "[::6]:80"]),
            Question(["to": "203.0.113.1:80"]),
            Question(["to": "[2001:db8::10]:80", "direction": "in"]),
            Question(["to": "203.0.113.1:80", "direction": "in"]),
        ]
        try await PageFile.with { folder in
            let page = try await folder.make("kumaDPUser: '5678'", facts: facts)
            try await Browser.with { browser in
                try await browser.open(page)
                let shown: [PageAnswer] = try await browser.value(
                    of: try PageAnswer.asking(questions))
                for (question, answer) in zip(questions, shown) {
                    let outcome = try await Command.tproxy(
                        [
                            "explain", "--output", "json", "--config", "tproxy.yaml", "--facts",
                            "facts.json",
                        ] + question.arguments, in: folder.folder.path)
                    let said = try JSONDecoder().decode(
                        CommandAnswer.self, from: Data(outcome.output.utf8))
                    #expect(answer == said.asPage(command: answer.facts["command"]))
                }
                let isLocal = shown.map { $0.facts["packet"]?.contains(" via lo ") }
                #expect(isLocal == [true, true, true, false, false, false])
            }
        }
    }

    /// The command line that the page shows gives the same answer.
    @Test func shownCommandLineHasTheSameAnswer() async throws {
        let scenario = try Scenario.named("everything")
        try await PageFile.with { folder in
            let page = try await folder.make(scenario)
            try await Browser.with { browser in
                try await browser.open(page)
                let shown: [PageAnswer] = try await browser.value(
                    of: try PageAnswer.asking(Self.questions))
                for answer in shown {
                    let line = try #require(answer.facts["command"])
                    let program = URL(fileURLWithPath: Command.tproxy).deletingLastPathComponent()
                    let outcome = try await Command.run(
                        "sh",
                        [
                            "-c",
                            "PATH=\(program.path):$PATH; \(line) --output json"
                                + " --config tproxy.yaml --facts facts.json",
                        ], in: scenario.folder.path)
                    let said = try JSONDecoder().decode(
                        CommandAnswer.self, from: Data(outcome.output.utf8))
                    #expect(
                        answer
                            == said.asPage(
                                command: line, note: said.note),
                        "\(line)")
                }
            }
        }
    }

    /// Packets at the edges of what the rules match, and random ones.
    @Test(arguments: Scenario.all)
    func agreesWithTheInterpreter(scenario: Scenario) async throws {
        try await PageFile.with { folder in
            try await expectAgreement(scenario.compile().ruleset, folder.make(scenario))
        }
    }

    @Test func agreesOnRegularChainsOfEveryStage() async throws {
        let ruleset = try Configuration.compile(
            "redirect: {dns: {enabled: true, captureAll: true}}\ndropInvalidPackets: true"
        ).ruleset.withChainsInEveryStage
        try await PageFile.with { folder in
            try await expectAgreement(ruleset, folder.make(ruleset))
        }
    }

    /// Rules that the compiler never makes, with matches and actions of every kind.
    @Test func agreesOnRandomRulesets() async throws {
        let random = SeededGenerator.forTest()
        var maker = RandomRuleset(random)
        for _ in 0..<8 {
            let ruleset = maker.ruleset()
            try await PageFile.with { folder in
                try await expectAgreement(
                    ruleset, folder.make(ruleset), "TPROXY_TEST_SEED=\(random.seed)")
            }
        }
    }

    private func expectAgreement(
        _ ruleset: Ruleset, _ page: URL, _ note: Comment = ""
    ) async throws {
        let trace = RuleTrace(ruleset)
        var generator = PacketGenerator(ruleset)
        // A browser refuses more than 200 new fragments within a moment.
        let packets = (0..<150).map { _ in generator.next() }
        try await Browser.with { browser in
            try await browser.open(page)
            let answers: [PageAnswer] = try await browser.value(
                of: try PageAnswer.asking(packets.map(Question.init)))
            for (asked, answer) in zip(packets, answers) {
                let wire = WireAddress(from: asked.source, to: asked.destination)
                guard let source = wire.source, source.family == wire.destination.family else {
                    #expect(Array(answer.problems.keys) == ["from"], "\(asked) \(note)")
                    continue
                }
                var packet = asked
                packet.source = source
                packet.destination = wire.destination
                let explanation = trace.explain(packet)
                let wanted =
                    switch explanation.outcome {
                    case .redirected(let port): "redirected to port \(port) of this host"
                    case .bypassed: "bypassed: not redirected"
                    case .untouched: "untouched: not redirected"
                    case .dropped: "dropped"
                    case .translated: "translated"
                    }
                let steps = explanation.steps.map { step in
                    [step.rule.place, "\(step.rule.rationale.reason) [\(step.key)]"]
                }
                let zone = explanation.conntrackZone
                #expect(answer.facts["outcome"] == wanted, "\(packet) \(note)")
                #expect(answer.steps.map { [$0.place, $0.reason] } == steps, "\(packet) \(note)")
                let zoneText = zone == 0 ? nil : "conntrack zone \(zone)"
                #expect(answer.facts["zone"] == zoneText, "\(packet) \(note)")
                let key = explanation.decisive?.key
                #expect(
                    answer.facts["key"].map { $0.prefix { $0 != "," } } == key?[...], note)
            }
            #expect(answers.count == packets.count, note)
            #expect(await browser.complaints == [])
        }
    }

    /// Each is refused at its field, with the remedy of the command.
    @Test func badInputIsRefusedAtItsField() async throws {
        let questions: [(field: String, fields: [String: String])] = [
            ("to", [:]), ("port", ["to": "203.0.113.1:80", "port": "80"]),
            ("port", ["to": "203.0.113.1", "port": "0"]), ("to", ["to": "203.0.113.1"]),
            ("to", ["to": "203.0.113.1:0"]),
            ("to", ["to": "203.0.113.1:65536"]), ("to", ["to": "203.0.113.01:80"]),
            ("to", ["to": "example.org:80"]), ("to", ["to": "1::2::3"]), ("to", ["to": "[::1]80"]),
            ("to", ["to": "[1:2:3:4:5:6:7:8:9]:80"]), ("to", ["to": "[::1%lo]:80"]),
            ("from", ["to": "203.0.113.1:80", "from": "::1"]),
            ("from", ["to": "203.0.113.1:80", "from": "10.0.0.256"]),
            ("uid", ["to": "203.0.113.1:80", "uid": "4294967295"]),
            ("uid", ["to": "203.0.113.1:80", "uid": "root"]),
            ("uid", ["to": "203.0.113.1:80", "uid": "1", "direction": "in"]),
            ("interface", ["to": "203.0.113.1:80", "interface": "sixteen-letters-"]),
            ("interface", ["to": "203.0.113.1:80", "interface": ".."]),
            ("interface", ["to": "203.0.113.1:80", "interface": "<b>"]),
            ("direction", ["to": "203.0.113.1:80", "direction": "up"]),
            ("proto", ["to": "203.0.113.1:80", "proto": "sctp"]),
        ]
        try await PageFile.with { folder in
            let page = try await folder.make(try Scenario.named("default"))
            try await Browser.with { browser in
                try await browser.open(page)
                let answers: [PageAnswer] = try await browser.value(
                    of: try PageAnswer.asking(questions.map { Question($0.fields) }))
                for (question, answer) in zip(questions, answers) {
                    #expect(answer.facts.isEmpty, "\(question)")
                    #expect(Array(answer.problems.keys) == [question.field], "\(question)")
                    guard question.fields["to"] != nil, question.field != "direction",
                        question.field != "proto"
                    else { continue }
                    let outcome = try await Command.tproxy(
                        ["explain", "--kuma-dp-user", "5678"] + Question(question.fields).arguments)
                    #expect(outcome.status != 0)
                    let expected = answer.problems.values.first?.split(separator: "; give ").last
                    #expect(
                        expected.map { outcome.errors.contains($0) } == true,
                        "\(question) \(answer.problems) \(outcome.errors)")
                }
                let invalid: Int = try await browser.value(
                    of: "document.querySelectorAll('[aria-invalid=true]').length")
                #expect(invalid == 1)
                #expect(await browser.complaints == [])
            }
        }
    }
}
