import Foundation
import Testing
import TproxyTestSupport

/// The page suits readers who use a keyboard, a screen reader or other colours.
@Suite(.serialized) struct AccessibilityTests {
    /// Each reachable element once, in the order of the page, and all with a visible focus.
    @Test(arguments: [375, 1440]) func everythingIsReachedByKeyboard(width: Int) async throws {
        try await PageFile.with { folder in
            let page = try await folder.make(try Scenario.named("default"))
            try await Browser.with { browser in
                try await browser.resize(width: width, height: 900)
                try await browser.open(page, fragment: Question(["to": "203.0.113.1:443"]).fragment)
                let wanted: [Int] = try await browser.value(
                    of: """
                        (() => {
                            document.activeElement.blur();
                            globalThis.controls = [...document.querySelectorAll(
                                "a[href], input, button, summary")]
                                .filter((one) => one.checkVisibility());
                            return globalThis.controls.map((one, index) => index);
                        })()
                        """)
                #expect(wanted.count > 30)
                // From the start of the page, where the browser begins.
                try await browser.run(
                    "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"
                )
                var reached: [Int] = []
                for _ in wanted {
                    try await browser.press(.tab)
                    let focus: Focus = try await browser.value(of: Focus.reading)
                    reached.append(focus.index)
                    #expect(focus.isMarked, "\(focus.text)")
                }
                #expect(reached == wanted)
            }
        }
    }

    /// A question is written and asked without a mouse, and the answer is announced.
    @Test func questionIsAskedByKeyboard() async throws {
        try await PageFile.with { folder in
            let page = try await folder.make(try Scenario.named("default"))
            try await Browser.with { browser in
                try await browser.open(page)
                try await browser.run("document.getElementById('line').select()")
                try await browser.write("out tcp uid=5678 to=203.0.113.1:443")
                try await browser.press(.enter)
                let answer: PageAnswer = try await browser.value(of: PageAnswer.reading)
                #expect(answer.facts["outcome"] == "bypassed: not redirected")
                let nodes = try await browser.accessibleNodes()
                #expect(nodes.contains { $0.role == "status" })
                #expect(await browser.complaints == [])
            }
        }
    }

    /// axe-core finds nothing to complain about, whatever is open and asked.
    @Test(
        .enabled(
            if: AxeCore.isInstalled || AxeCore.isRequired, "axe-core is missing: .ci/setup test"),
        arguments: [375, 1440], [false, true])
    func axeFindsNoViolation(width: Int, isDark: Bool) async throws {
        let axe = try AxeCore.script
        try await PageFile.with { folder in
            let asked = Question(["to": "203.0.113.1:443"]).fragment
            let pages = [
                (try await folder.make(try Scenario.named("everything")), asked),
                (PageFile.ofTheDocuments, ""),
            ]
            try await Browser.with { browser in
                try await browser.resize(width: width, height: 900)
                try await browser.emulate(isDark: isDark)
                for (page, fragment) in pages {
                    try await browser.open(page, fragment: fragment)
                    try await browser.run(
                        "for (const one of document.querySelectorAll('details')) one.open = true")
                    try await browser.run(axe)
                    let result: AxeCore.Result = try await browser.value(of: AxeCore.running)
                    #expect(result.violations == [], "\(page.lastPathComponent)")
                    // A check of this kind has looked at the page.
                    #expect(result.passed.contains("color-contrast"))
                    #expect(result.passed.count > 20)
                }
            }
        }
    }

    /// axe-core reports what is wrong with a page: otherwise the test above shows nothing.
    @Test(
        .enabled(
            if: AxeCore.isInstalled || AxeCore.isRequired, "axe-core is missing: .ci/setup test"))
    func axeFindsPlantedViolations() async throws {
        let axe = try AxeCore.script
        try await PageFile.with { folder in
            let page = try await folder.make(try Scenario.named("default"))
            try await Browser.with { browser in
                try await browser.open(page)
                try await browser.run(
                    """
                    document.querySelector("label").remove();
                    document.querySelector("h1").style.color = "#cccccc";
                    """)
                try await browser.run(axe)
                let result: AxeCore.Result = try await browser.value(of: AxeCore.running)
                let rules = Set(result.violations.map { $0.prefix { $0 != ":" } })
                #expect(rules.isSuperset(of: ["label", "color-contrast"]), "\(rules)")
            }
        }
    }
}

/// The element that has the focus.
private struct Focus: Decodable, Sendable {
    /// Its index among the controls of the page.
    var index: Int
    /// Whether the focus is visible.
    var isMarked: Bool
    var text: String

    static let reading = """
        (() => {
            const focus = document.activeElement;
            const area = focus.querySelector(".area");
            const style = getComputedStyle(area ?? focus);
            return {
                index: globalThis.controls.indexOf(focus),
                isMarked: area === null
                    ? style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2
                    : style.stroke !== "none" && parseFloat(style.strokeWidth) >= 2,
                text: focus.outerHTML.slice(0, 120),
            };
        })()
        """
}

/// axe-core, which checks pages against WCAG 2.1; .ci/setup installs it.
enum AxeCore {
    struct Result: Decodable, Sendable {
        /// The rules that are broken, each with its first elements.
        var violations: [String]
        /// The rules that were checked and hold.
        var passed: [String]
    }

    private static let file = Scenario.root.appendingPathComponent(".build/axe-core/axe.min.js")

    static let isInstalled = FileManager.default.fileExists(atPath: file.path)
    /// Whether a missing axe-core is a failure.
    static let isRequired = ProcessInfo.processInfo.environment["CI"] == "true"

    static var script: String {
        get throws { try String(contentsOf: file, encoding: .utf8) }
    }

    static let running = """
        axe.run(document).then((result) => ({
            violations: result.violations.map((rule) => rule.id + ": "
                + rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")),
            passed: result.passes.map((rule) => rule.id),
        }))
        """
}
