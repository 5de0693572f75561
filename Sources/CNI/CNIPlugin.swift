import Diagnostics
import JSON
import KubernetesConfig
import LinuxHost
import TproxyOperations

/// The answer of the plugin.
package struct CNIReply: Sendable {
    /// The text for standard output.
    package var output: String
    /// The text for standard error.
    package var log: String
    /// The exit status: 0, or 1 with an error on standard output.
    package var status: Int32
}

/// A chained CNI plugin that loads the rules of pods in the mesh.
package struct CNIPlugin {
    /// The maximum number of lines of a difference that are reported.
    private static let shownLines = 100

    private var notices: [Diagnostic] = []
    /// The version in which errors are reported.
    private var version = CNIVersion.newest

    /// The file name of a plugin that passes every pod.
    ///
    /// The node agent leaves it behind when it removes the plugin, for networks that a runtime has
    /// read before.
    package static let disabledName = "tproxy-cni-noop"

    /// Whether the plugin passes every pod.
    private let isDisabled: Bool

    /// Answers the call that the environment and standard input describe.
    package static func reply(environment: [String: String]) -> CNIReply {
        // The link leads to the file itself, also if the runtime has called another name of it.
        let program = (try? KernelFile.target(of: "/proc/self/exe")) ?? ""
        var plugin = CNIPlugin(isDisabled: program.hasSuffix("/" + disabledName))
        do throws(CNIError) {
            let output = try plugin.answer(environment)
            let log = plugin.notices.map { DiagnosticPrinter().text(of: $0) + "\n" }.joined()
            return CNIReply(output: output, log: log, status: 0)
        } catch {
            let json = error.json(version: plugin.version.rawValue).text(.indented)
            return CNIReply(output: json + "\n", log: "", status: 1)
        }
    }

    private mutating func answer(_ environment: [String: String]) throws(CNIError) -> String {
        let invocation = try CNIInvocation(environment)
        if invocation.verb == .version { return Self.versions }
        let input = try Self.input()
        // Whatever else the configuration says: the plugin has been removed.
        if isDisabled, invocation.verb != .add { return "" }
        if isDisabled, let result = input["prevResult"] { return result.text(.indented) + "\n" }
        let configuration = try PluginConfiguration(input, for: invocation.verb)
        version = configuration.version
        switch invocation.verb {
        case .version: return Self.versions
        case .add: return try add(invocation, configuration)
        case .delete: try delete(invocation)
        case .check: try check(invocation, configuration)
        case .status: try Self.status(configuration)
        // All that ADD makes does nothing without the pod's namespace; links of programs are left.
        case .collectGarbage: PodRules.removeAbandoned()
        }
        return ""
    }

    private static var versions: String {
        let value: JSONValue = [
            "cniVersion": .string(CNIVersion.newest.rawValue),
            "supportedVersions": .array(CNIVersion.allCases.map { .string($0.rawValue) }),
        ]
        return value.text(.indented) + "\n"
    }

    private static func input() throws(CNIError) -> JSONValue {
        let text: String
        do throws(OperationFailure) {
            text = try InputFile("-").text
        } catch {
            throw CNIError(.ioFailure, "the network configuration", error.diagnostics)
        }
        do throws(JSONProblem) {
            return try JSONValue(parsing: text)
        } catch {
            throw CNIError(
                .undecodable, "the network configuration is not valid JSON: \(error.reason)")
        }
    }

    // MARK: Verbs

    private mutating func add(
        _ invocation: CNIInvocation, _ configuration: PluginConfiguration
    ) throws(CNIError) -> String {
        let result = try Self.previousResult(configuration, invocation.verb).text(.indented) + "\n"
        var pod = CNIPod(invocation, configuration)
        guard try pod.treatment() == .redirect else { return result }
        let rules = try rules(of: pod, configuration)
        try Self.inside(invocation, pod) { () throws(OperationFailure) in _ = try rules.load() }
        return result
    }

    private mutating func check(
        _ invocation: CNIInvocation, _ configuration: PluginConfiguration
    ) throws(CNIError) {
        _ = try Self.previousResult(configuration, invocation.verb)
        var pod = CNIPod(invocation, configuration)
        guard try pod.treatment() == .redirect else { return }
        let rules = try rules(of: pod, configuration)
        let differences = try Self.inside(invocation, pod) { () throws(OperationFailure) in
            try rules.differences()
        }
        guard !differences.isEmpty else { return }
        let rest = differences.count - Self.shownLines
        let words = differences.prefix(4).map { Self.words(of: $0) }
        throw CNIError(
            .differs,
            "\(pod.pod.words): the loaded rules differ: \(words.joined(separator: "; "))",
            details: differences.prefix(Self.shownLines).joined(separator: "\n")
                + (rest > 0 ? "\nand \(rest) more lines" : ""))
    }

    /// Returns a line of a difference with a word in place of its sign.
    package static func words(of line: String) -> String {
        let line = line.drop { $0 == " " }
        let rest = line.dropFirst(2).drop { $0 == " " }
        return switch line.prefix(2) {
        case "+ ": "missing: \(rest)"
        case "- ": "not ours: \(rest)"
        case "~ ": "changed: \(rest)"
        case "> ": "moved: \(rest)"
        case _: String(line)
        }
    }

    /// Removes the rules; a namespace that is gone has none.
    private func delete(_ invocation: CNIInvocation) throws(CNIError) {
        guard !invocation.namespacePath.isEmpty else { return PodRules.removeAbandoned() }
        do throws(PodNamespaceFailure) {
            try withinPodNamespace(invocation.namespacePath) { () throws(OperationFailure) in
                try PodRules.remove()
            }
        } catch {
            switch error {
            case .notEntered(.missing, _), .notEntered(.other, _), .notEntered(.current, _):
                PodRules.removeAbandoned()
            case .notEntered(.refused, let diagnostic):
                throw CNIError(.refused, invocation.containerID, [diagnostic])
            case .failed(let failure): throw Self.error(failure, invocation.containerID)
            }
        }
    }

    /// Throws if ADD can't work for any pod of the mesh.
    private static func status(_ configuration: PluginConfiguration) throws(CNIError) {
        do throws(OperationFailure) {
            try PodRules.checkKernel()
            try PodRules.checkFiles(configuration.configurationFiles)
        } catch {
            throw CNIError(.unavailable, "no pod of the mesh can start", error.diagnostics)
        }
    }

    // MARK: Parts

    private static func previousResult(
        _ configuration: PluginConfiguration, _ verb: CNIInvocation.Verb
    ) throws(CNIError) -> JSONValue {
        guard let result = configuration.previousResult else {
            throw CNIError(
                .invalidConfiguration,
                "\(verb.rawValue) without prevResult: list tproxy-cni behind the plugin that creates"
                    + " the pod's interface")
        }
        return result
    }

    private mutating func rules(
        of pod: CNIPod, _ configuration: PluginConfiguration
    ) throws(CNIError) -> PodRules {
        do throws(OperationFailure) {
            let rules = try PodRules(
                of: pod.pod, at: pod.place, files: configuration.configurationFiles)
            notices += rules.notices
            return rules
        } catch {
            let isUnreadable = error.diagnostics.contains { $0.id == "unreadable-file" }
            throw CNIError(
                isUnreadable ? .ioFailure : .invalidConfiguration, pod.pod.words, error.diagnostics)
        }
    }

    private static func inside<Value>(
        _ invocation: CNIInvocation, _ pod: CNIPod,
        _ body: () throws(OperationFailure) -> Value
    ) throws(CNIError) -> Value {
        do throws(PodNamespaceFailure) {
            return try withinPodNamespace(invocation.namespacePath, body)
        } catch {
            switch error {
            case .notEntered(.missing, let diagnostic):
                throw CNIError(.unknownContainer, pod.pod.words, [diagnostic])
            case .notEntered(.other, let diagnostic), .notEntered(.current, let diagnostic):
                throw CNIError(.invalidEnvironment, pod.pod.words, [diagnostic])
            case .notEntered(.refused, let diagnostic):
                throw CNIError(.refused, pod.pod.words, [diagnostic])
            case .failed(let failure): throw Self.error(failure, pod.pod.words)
            }
        }
    }

    private static func error(_ failure: OperationFailure, _ subject: String) -> CNIError {
        let isBusy = failure.diagnostics.contains { $0.id == "busy" }
        return CNIError(isBusy ? .tryAgainLater : .refused, subject, failure.diagnostics)
    }
}
