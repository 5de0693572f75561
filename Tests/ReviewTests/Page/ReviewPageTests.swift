import Foundation
import Testing
import TproxyTestSupport

/// The page in a real browser: it logs no errors, fetches nothing, and suits any window and reader.
@Suite(.serialized) struct ReviewPageTests {
    @Test func pageFetchesNothingAndLogsNoErrors() async throws {
        try await PageFile.with { folder in
            try await Browser.with { browser in
                for scenario in Scenario.all {
                    let page = try await folder.make(scenario)
                    try await browser.open(page)
                    #expect(try await browser.value(of: "document.scripts.length") == 2)
                    // Each hook has a picture for wide windows and one for phones.
                    #expect(
                        try await browser.value(of: "document.querySelectorAll('svg').length") == 4)
                }
                #expect(await browser.complaints == [])
                let requests = await browser.requests
                #expect(requests.count == Scenario.all.count)
                #expect(requests.allSatisfy { $0.hasPrefix("file://\(folder.folder.path)/") })
            }
        }
    }

    /// The content security policy is in force: a foreign script doesn't run, and the browser
    /// reports it.
    @Test func policyStopsForeignScripts() async throws {
        try await PageFile.with { folder in
            let page = try await folder.make(try Scenario.named("default"))
            let text = try String(contentsOf: page, encoding: .utf8)
            let intruder = "<script>document.title = 'evil'</script><img src='http://192.0.2.1/a'>"
            try Data(text.replacing("</body>", with: intruder + "</body>").utf8).write(to: page)
            try await Browser.with { browser in
                try await browser.open(page)
                let title: String = try await browser.value(of: "document.title")
                #expect(title == "Plan for the host of facts.json: 11 to add")
                #expect(await browser.complaints.count >= 2)
            }
        }
    }

    @Test func namesOfTheUserAreShownAsText() async throws {
        let markup = "</script><script>document.title='evil'</script><img src=x onerror=alert(1)>"
        let yaml = """
            kumaDPUser: "5678"
            redirect:
              outbound: {excludePorts: [22]}
              dns: {resolvConfigPath: "\(markup)&amp;\\u2028<!--"}
            """
        try await PageFile.with { folder in
            let name = "<b onclick='x'>&amp;.yaml"
            let page = try await folder.make(yaml, named: name)
            try await Browser.with { browser in
                let question = Question(["to": "203.0.113.1:22", "uid": "1"])
                try await browser.open(page, fragment: question.fragment)
                let answer: PageAnswer = try await browser.value(of: PageAnswer.reading)
                #expect(
                    answer.facts["key"]
                        == "redirect.outbound.excludePorts[0], \(name):3:29")
                let body: String = try await browser.value(of: "document.body.textContent")
                #expect(body.contains("\(markup)&amp;\u{2028}<!--"))
                #expect(body.contains("\(name):1:14"))
                #expect(try await browser.value(of: "document.scripts.length") == 2)
                #expect(
                    try await browser.value(of: "document.querySelectorAll('img, b').length") == 0)
                #expect(await browser.complaints == [])
            }
        }
    }

    @Test(arguments: [375, 1440], ["default", "everything"])
    func pageFitsItsWindowWithReadableText(width: Int, name: String) async throws {
        try await PageFile.with { folder in
            let page = try await folder.make(try Scenario.named(name))
            try await Browser.with { browser in
                try await browser.resize(width: width, height: 800)
                let question = Question(["to": "[2001:db8::1]:443", "uid": "4294967294"])
                for isDark in [false, true] {
                    try await browser.emulate(isDark: isDark)
                    try await browser.open(page, fragment: question.fragment)
                    #expect(try await browser.value(of: "innerWidth") == width)
                    let overflow: [String] = try await browser.value(of: PageMeasure.overflow)
                    #expect(overflow == [])
                    let faint: [String] = try await browser.value(of: PageMeasure.faintText)
                    #expect(faint == [])
                    let clipped: [String] = try await browser.value(
                        of: PageMeasure.textOutsideBoxes)
                    #expect(clipped == [])
                    // Nothing exceeds the window: the screenshot of the whole page is no wider.
                    let picture = try await browser.screenshot()
                    #expect(PageMeasure.width(ofPNG: picture) == width)
                    let pictures: [String] = try await browser.value(
                        of: """
                            [...document.querySelectorAll("svg")]
                                .filter((one) => one.checkVisibility()).map((one) => one.classList[1])
                            """)
                    let shape = width < 600 ? "narrow" : "wide"
                    #expect(pictures == [shape, shape])
                }
            }
        }
    }

    @Test func printedPageIsReadableAndHasNoForm() async throws {
        try await PageFile.with { folder in
            let page = try await folder.make(try Scenario.named("default"))
            try await Browser.with { browser in
                try await browser.resize(width: 700, height: 1000)
                try await browser.emulate(isDark: true, isPrint: true)
                try await browser.open(page)
                let shown: [Bool] = try await browser.value(
                    of: """
                        ["form", "nav", "#rules table", "#flow svg"].map((selector) =>
                            document.querySelector(selector).checkVisibility())
                        """)
                #expect(shown == [false, false, true, true])
                // Dark text on white paper, whatever the colour scheme of the screen.
                let ground: String = try await browser.value(
                    of: "getComputedStyle(document.body).backgroundColor")
                #expect(ground == "rgb(255, 255, 255)")
                #expect(try await browser.value(of: PageMeasure.faintText) == [String]())
            }
        }
    }

    @Test func everyControlHasAnAccessibleName() async throws {
        try await PageFile.with { folder in
            let page = try await folder.make(try Scenario.named("everything"))
            try await Browser.with { browser in
                try await browser.open(page)
                let nodes = try await browser.accessibleNodes()
                let controls = [
                    "textbox", "button", "link", "table", "region",
                ]
                for role in controls {
                    let named = nodes.filter { $0.role == role }
                    #expect(!named.isEmpty, "\(role)")
                    #expect(named.allSatisfy { !$0.name.isEmpty }, "\(role)")
                }
                for landmark in ["banner", "navigation", "main", "contentinfo", "status"] {
                    #expect(nodes.count { $0.role == landmark } == 1, "\(landmark)")
                }
                #expect(nodes.contains { $0.role == "columnheader" && $0.name == "Key" })
                for lane in ["Outgoing", "Incoming"] {
                    #expect(nodes.contains { $0.name == "\(lane): the path of a packet" })
                }
                #expect(nodes.contains { $0.role == "rowheader" && $0.name == "wait" })
                #expect(
                    nodes.first { $0.role == "textbox" }?.name == "What happens to this packet?")
                let levels: [Int] = try await browser.value(
                    of:
                        "[...document.querySelectorAll('h1,h2,h3')].map((h) => Number(h.tagName[1]))"
                )
                #expect(levels.first == 1)
                #expect(levels.count { $0 == 1 } == 1)
                #expect(zip(levels, levels.dropFirst()).allSatisfy { $1 <= $0 + 1 })
                #expect(try await browser.value(of: "document.documentElement.lang") == "en")
                let outline: String = try await browser.value(
                    of: """
                        (document.getElementById("line").focus(),
                            getComputedStyle(document.getElementById("line")).outlineStyle)
                        """)
                #expect(outline == "solid")
                let repeated: Int = try await browser.value(
                    of: """
                        (() => {
                            const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
                            return ids.length - new Set(ids).size;
                        })()
                        """)
                #expect(repeated == 0)
            }
        }
    }

    @Test func pageAnswersForAHundredThousandElements() async throws {
        let items = (0..<100_000).map { "11.\($0 / 65536).\($0 / 256 % 256).\($0 % 256)" }
        let yaml = "redirect: {outbound: {excludePortsForIPs: [\(items.joined(separator: ", "))]}}"
        try await PageFile.with { folder in
            let page = try await folder.make("kumaDPUser: '5678'\n" + yaml)
            #expect(try Data(contentsOf: page).count < 5_000_000)
            try await Browser.with { browser in
                let question = Question(["to": "\(items[77_777]):80"])
                try await browser.open(page, fragment: question.fragment)
                let answer: PageAnswer = try await browser.value(of: PageAnswer.reading)
                let key = "redirect.outbound.excludePortsForIPs[77777], tproxy.yaml:2:"
                #expect(answer.facts["key"]?.hasPrefix(key) == true)
                let beside: [PageAnswer] = try await browser.value(
                    of: try PageAnswer.asking([Question(["to": "11.255.0.0:80"])]))
                #expect(beside.first?.facts["outcome"] == "redirected to port 15001 of this host")
            }
            let larger = try await folder.make(
                "kumaDPUser: '5678'\n" + yaml.replacing("IPs: [", with: "IPs: [12.0.0.0/8, "))
            let text = try String(contentsOf: larger, encoding: .utf8)
            #expect(text.contains("too many for a page"))
            #expect(text.utf8.count < 200_000)
        }
    }
}
