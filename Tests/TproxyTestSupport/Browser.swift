package import Foundation
import Subprocess

/// A headless browser with one page, driven through the DevTools protocol.
///
/// It resolves no names, so a page can't fetch anything from a network; its requests are recorded
/// nevertheless.
package actor Browser {
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    /// A key of the keyboard, by its name in UI Events.
    package enum Key: String, Sendable {
        case tab = "Tab"
        case enter = "Enter"

        fileprivate var code: Int {
            switch self {
            case .tab: 9
            case .enter: 13
            }
        }
    }

    /// Chromium, from Debian's package `chromium`.
    private static let program = "chromium"
    private static let timeout = Duration.seconds(120)
    private static let pace = Duration.milliseconds(5)

    /// What the page logged or threw, and what the browser refused.
    package private(set) var complaints: [String] = []
    /// The addresses that were requested.
    package private(set) var requests: [String] = []

    private let pipe: DevToolsPipe
    /// Bytes that were received and not yet read.
    private var received: [UInt8] = []
    private var session: String?
    private var lastID = 0
    private var loads = 0

    private init(_ pipe: consuming DevToolsPipe) {
        self.pipe = pipe
    }

    /// Runs `body` with a browser, and ends it afterwards.
    package static func with(_ body: (Browser) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tproxy-browser-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = DevToolsPipe(in: folder)
        guard pipe.isOpen else { throw Failed(description: "can't make pipes in \(folder.path)") }
        let line = """
            exec "$0" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
            --user-data-dir="$1" --host-resolver-rules="MAP * ~NOTFOUND" --no-first-run \
            --disable-background-networking --hide-scrollbars --remote-debugging-pipe \
            about:blank 3<"$2" 4>"$3"
            """
        let arguments = [
            "-c", line, program, folder.appendingPathComponent("profile").path, pipe.commandPath,
            pipe.answerPath,
        ]
        let browser = Browser(pipe)
        _ = try await Subprocess.run(
            .name("sh"), arguments: Arguments(arguments), input: .none, output: .discarded,
            error: .discarded
        ) { execution in
            defer { try? execution.send(signal: .kill) }
            try await browser.attach()
            try await body(browser)
            // This ends its helper processes as well; a signal doesn't.
            try await browser.close()
        }
        // They may still write to its profile for a moment.
        for _ in 0..<40 where FileManager.default.fileExists(atPath: folder.path) {
            try? FileManager.default.removeItem(at: folder)
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Loads a file, at a fragment if one is given, and waits until it is loaded.
    package func open(_ file: URL, fragment: String = "") async throws {
        // From another page, because a new fragment alone doesn't load the page again.
        try await load("about:blank")
        try await load(file.absoluteString + (fragment.isEmpty ? "" : "#\(fragment)"))
    }

    private func load(_ address: String) async throws {
        let before = loads
        _ = try await call("Page.navigate", ["url": address])
        let deadline = ContinuousClock.now + Self.timeout
        while loads == before { try await readEvent(before: deadline) }
    }

    /// The value of an expression, which must be representable in JSON, or a promise of such a
    /// value.
    package func value<Value: Decodable & Sendable>(
        of expression: String, as type: Value.Type = Value.self
    ) async throws -> Value {
        let answer = try await call(
            "Runtime.evaluate",
            [
                "expression": "(async () => JSON.stringify(await (\(expression))))()",
                "awaitPromise": true,
            ])
        guard let result = answer["result"] as? [String: Any], let text = result["value"] as? String
        else { throw Failed(description: "\(expression): \(answer)") }
        return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    /// Sets the size of the window in CSS pixels; below a width of 600 it is that of a phone.
    package func resize(width: Int, height: Int) async throws {
        _ = try await call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600])
    }

    /// Sets what the page's media queries match.
    package func emulate(isDark: Bool, isPrint: Bool = false) async throws {
        let scheme = ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]
        _ = try await call(
            "Emulation.setEmulatedMedia",
            ["media": isPrint ? "print" : "", "features": [scheme]])
    }

    /// Presses a key of the keyboard.
    package func press(_ key: Key) async throws {
        for kind in ["rawKeyDown", "char", "keyUp"] where kind != "char" || key == .enter {
            var event: [String: Any] = [
                "type": kind, "key": key.rawValue, "code": key.rawValue,
                "windowsVirtualKeyCode": key.code,
            ]
            if kind == "char" { event["text"] = "\r" }
            _ = try await call("Input.dispatchKeyEvent", event)
        }
    }

    /// Writes text where the focus is.
    package func write(_ text: String) async throws {
        _ = try await call("Input.insertText", ["text": text])
    }

    /// Evaluates a script, such as a library; a page's policy doesn't concern it.
    package func run(_ script: String) async throws {
        let answer = try await call("Runtime.evaluate", ["expression": script])
        guard answer["exceptionDetails"] == nil else { throw Failed(description: "\(answer)") }
    }

    /// The accessibility tree as roles and names, in the order of the page.
    package func accessibleNodes() async throws -> [(role: String, name: String)] {
        let answer = try await call("Accessibility.getFullAXTree", [:])
        let nodes = answer["nodes"] as? [[String: Any]] ?? []
        return nodes.filter { $0["ignored"] as? Bool != true }.map { node in
            func text(_ key: String) -> String {
                (node[key] as? [String: Any])?["value"] as? String ?? ""
            }
            return (role: text("role"), name: text("name"))
        }
    }

    /// The whole page as PNG.
    package func screenshot() async throws -> Data {
        try await screenshot(clip: nil)
    }

    /// The window as PNG, or the element of a selector with a margin around it.
    package func screenshot(of selector: String?) async throws -> Data {
        let expression =
            selector.map {
                """
                (() => {
                    const box = document.querySelector("\($0)").getBoundingClientRect();
                    return [box.x + scrollX - 8, box.y + scrollY - 8, box.width + 16, box.height + 16]
                        .map((one) => Math.max(0, Math.floor(one)));
                })()
                """
            } ?? "[scrollX, scrollY, innerWidth, innerHeight]"
        let box: [Double] = try await value(of: expression)
        return try await screenshot(
            clip: ["x": box[0], "y": box[1], "width": box[2], "height": box[3], "scale": 1])
    }

    private func screenshot(clip: [String: Double]?) async throws -> Data {
        var parameters: [String: Any] = ["format": "png", "captureBeyondViewport": true]
        parameters["clip"] = clip
        let answer = try await call("Page.captureScreenshot", parameters)
        guard let text = answer["data"] as? String, let data = Data(base64Encoded: text) else {
            throw Failed(description: "no screenshot")
        }
        return data
    }

    private func attach() async throws {
        let target = try await call("Target.createTarget", ["url": "about:blank"])
        let attached = try await call(
            "Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true])
        session = attached["sessionId"] as? String
        for domain in ["Page", "Runtime", "Log", "Network"] {
            _ = try await call("\(domain).enable", [:])
        }
    }

    private func close() async throws {
        session = nil
        _ = try await call("Browser.close", [:])
    }

    /// Sends a command and waits for its answer.
    private func call(_ method: String, _ parameters: [String: Any]) async throws -> [String: Any] {
        lastID += 1
        let id = lastID
        var message: [String: Any] = ["id": id, "method": method, "params": parameters]
        message["sessionId"] = session
        var rest = Array(try JSONSerialization.data(withJSONObject: message)) + [0]
        while !rest.isEmpty {
            let count = try pipe.send(rest)
            rest.removeFirst(count)
            if count == 0 { try await Task.sleep(for: Self.pace) }
        }
        let deadline = ContinuousClock.now + Self.timeout
        while true {
            let answer = try await readEvent(before: deadline)
            guard answer["id"] as? Int == id else { continue }
            if let error = answer["error"] { throw Failed(description: "\(method): \(error)") }
            return answer["result"] as? [String: Any] ?? [:]
        }
    }

    /// Reads one message and records what it reports about the page.
    @discardableResult
    private func readEvent(before deadline: ContinuousClock.Instant) async throws -> [String: Any] {
        let data = try await nextMessage(before: deadline)
        let message = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        let parameters = message["params"] as? [String: Any] ?? [:]
        switch message["method"] as? String {
        case "Page.loadEventFired": loads += 1
        case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded":
            complaints.append("\(parameters)")
        case "Network.requestWillBeSent":
            let request = parameters["request"] as? [String: Any]
            let address = request?["url"] as? String ?? "?"
            if address != "about:blank" { requests.append(address) }
        case _: break
        }
        return message
    }

    /// A message ends with a zero.
    private func nextMessage(before deadline: ContinuousClock.Instant) async throws -> Data {
        var searched = 0
        while true {
            if let end = received[searched...].firstIndex(of: 0) {
                defer { received.removeFirst(end + 1) }
                return Data(received[..<end])
            }
            searched = received.count
            let bytes = try pipe.receive()
            received += bytes
            guard bytes.isEmpty else { continue }
            guard ContinuousClock.now < deadline else {
                throw Failed(description: "the browser doesn't answer")
            }
            try await Task.sleep(for: Self.pace)
        }
    }
}
