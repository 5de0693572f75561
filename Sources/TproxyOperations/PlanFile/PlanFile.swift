import Diagnostics
import HostFacts
import JSON
import PersistenceFiles
package import RuleIR
import TproxyConfig
import TproxyConfigYAML

/// A plan that can be reviewed, kept and applied later: docs/schemas/plan-file-2.json.
///
/// It holds all that `apply` needs, and what it was made from, so that `apply` can tell when that is
/// no longer so.
package struct PlanFile: Codable {
    static let schema = "tproxy.plan-file/2"

    /// A value of the configuration and where it was from.
    struct Setting: Codable {
        var key: String
        var value: String
        var origin: String
    }

    var schema: String
    /// Of the tproxy that wrote it.
    var version: String
    var backend: BackendName
    /// The effective configuration, for reviewers.
    var settings: [Setting]
    /// The same as a file would have it.
    ///
    /// It says what the facts are looked up with, and how patiently rules are loaded. The rules
    /// themselves aren't made from it again.
    var configuration: String
    var facts: HostFacts
    package var ruleset: Ruleset
    /// What was said when the plan was made.
    var warnings: [String]
    /// The digest that the rules will have in the kernel.
    var rulesDigest: String
    var loaded: LoadedRecord

    init(
        _ plan: Plan, backend: BackendName, rulesDigest: String, loaded: LoadedRecord
    ) {
        let config = plan.config
        schema = Self.schema
        version = tproxyVersion
        self.backend = backend
        settings = EffectiveConfiguration(config).rows.map {
            Setting(key: $0.path, value: $0.value, origin: $0.origin.description)
        }
        configuration = EffectiveConfiguration(config).yaml
        facts = plan.facts
        ruleset = plan.ruleset
        warnings = plan.warnings.map(\.message)
        self.rulesDigest = rulesDigest
        self.loaded = loaded
    }

    /// The plan that was written down; throws if the configuration isn't one.
    ///
    /// `name` is the file's.
    package func plan(from name: String) throws(OperationFailure) -> Plan {
        switch YAMLDocument.parse(text: configuration, source: name) {
        case .failure(let problem):
            throw invalid(name, problem.diagnostics)
        case .success(let document):
            let loaded = ConfigurationLoader.load(
                files: [document], environment: [:], flags: [], allowUnknownKeys: false)
            guard loaded.diagnostics.allSatisfy({ $0.severity != .error }) else {
                throw invalid(name, loaded.diagnostics)
            }
            return Plan(config: loaded.config, facts: facts, ruleset: ruleset)
        }
    }

    private func invalid(_ name: String, _ diagnostics: [Diagnostic]) -> OperationFailure {
        let reasons = diagnostics.filter { $0.severity == .error }.map(\.message)
        return OperationFailure(
            .invalidPlanFile(
                name, because: "its configuration is wrong: \(reasons.joined(separator: "; "))"))
    }
}

extension PlanFile {
    /// 100,000 addresses, planned and loaded, come to a third of this.
    static let maximumSize = 64 << 20

    /// Reads a file that `text` was written to; throws what is wrong with it.
    static func read(_ path: String) throws(OperationFailure) -> PlanFile {
        try read(InputFile(path, limit: maximumSize))
    }

    package static func read(_ file: InputFile) throws(OperationFailure) -> PlanFile {
        let content = try content(of: file)
        do {
            let plan = try content.decoded(as: PlanFile.self)
            try plan.ruleset.check()
            return plan
        } catch let error as DecodingError {
            throw OperationFailure(.invalidPlanFile(file.name, because: error.words))
        } catch {
            throw OperationFailure(.invalidPlanFile(file.name, because: "\(error)"))
        }
    }

    private static func content(of file: InputFile) throws(OperationFailure) -> JSONValue {
        do throws(SealedJSON.Problem) {
            let members = try SealedJSON.members(file.text)
            let found = members["schema"]?.string
            // Another version's seal may be made otherwise.
            if found == schema { return try SealedJSON.content(members) }
            throw SealedJSON.Problem.otherSchema(found)
        } catch {
            throw OperationFailure(.brokenPlanFile(file.name, error))
        }
    }

    /// Throws unless tproxy wrote `bytes` as a plan, of any version, and nobody changed it.
    static func check(_ bytes: [UInt8]) throws(WrittenFile.Refusal) {
        guard let members = try? SealedJSON.members(String(decoding: bytes, as: UTF8.self)),
            case .string(let name) = members["schema"], name.hasPrefix("tproxy.plan-file/")
        else { throw .foreign }
        // Another version's seal may be made otherwise.
        guard name != schema || (try? SealedJSON.content(members)) != nil else { throw .edited }
    }

    /// The file's text.
    func text() throws(OperationFailure) -> String {
        do {
            return try SealedJSON.text(self)
        } catch {
            throw OperationFailure(.unwritablePlanFile(because: "\(error)"))
        }
    }
}
