package import Foundation
package import HostFacts
package import RuleCompiler
package import TproxyConfig

/// One folder of rulesets/: a configuration, host facts, and their goldens.
package struct Scenario: Sendable, CustomStringConvertible {
    package let name: String
    package let folder: URL

    /// The top of the checkout.
    package static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    package static let all: [Scenario] = {
        let rulesets = root.appendingPathComponent("rulesets")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: rulesets.path)) ?? []
        return names.sorted().map {
            Scenario(name: $0, folder: rulesets.appendingPathComponent($0))
        }.filter { FileManager.default.fileExists(atPath: $0.path(of: "tproxy.yaml")) }
    }()

    package var description: String { name }

    package func path(of file: String) -> String {
        folder.appendingPathComponent(file).path
    }

    /// The configuration, from its file alone.
    package func config() throws -> TproxyConfig {
        let text = try String(contentsOfFile: path(of: "tproxy.yaml"), encoding: .utf8)
        return try Configuration.load(text).get().config
    }

    package func facts() throws -> HostFacts {
        try JSONDecoder().decode(
            HostFacts.self, from: Data(contentsOf: URL(fileURLWithPath: path(of: "facts.json"))))
    }

    package func compile() throws -> RuleCompiler.Compilation {
        try RuleCompiler(config(), on: facts()).compile()
    }
}
