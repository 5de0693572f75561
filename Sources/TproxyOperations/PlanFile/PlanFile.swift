import Diagnostics
import HostFacts
import JSON
import PersistenceFiles
package import RuleIR
import TproxyConfig
import TproxyConfigYAML

/// A plan that can be reviewed, stored and applied later: docs/schemas/plan-file-3.json.
///
/// It holds everything that `apply` needs, and the input that it was made from, so that `apply` can
/// detect that the input has changed.
package struct PlanFile: Codable {
    static let schema = "tproxy.plan-file/3"

    /// A value of the configuration and its origin.
    struct Setting: Codable {
        var key: String
        var value: String
        var origin: String
    }

    var schema: String
    /// The version of the tproxy that wrote the plan.
    var version: String
    var backend: BackendName
    /// The effective configuration, for reviewers.
    var settings: [Setting]
    /// The effective configuration as a configuration file.
    ///
    /// It says how to look up the facts, and with which retries to load the rules. `apply` doesn't
    /// compile the rules from it again.
    var configuration: String
    var facts: HostFacts
    package var ruleset: Ruleset
    /// The warnings that were printed when the plan was made.
    var warnings: [String]
    /// The digest that the loaded rules will have.
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

    /// Returns the plan in the file; throws if its configuration is invalid.
    ///
    /// `name` is the file's name, for diagnostics.
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
    /// The maximum size in bytes; 100,000 addresses, planned and loaded, need a third of it.
    static let maximumSize = 64 << 20

    /// Reads a file that contains the output of `text`; throws for an invalid one.
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
            // Another version may compute the seal differently.
            if found == schema { return try SealedJSON.content(members) }
            throw SealedJSON.Problem.otherSchema(found)
        } catch {
            throw OperationFailure(.brokenPlanFile(file.name, error))
        }
    }

    /// Throws unless tproxy wrote `bytes` as a plan, of any version, and it is unchanged.
    static func check(_ bytes: [UInt8]) throws(WrittenFile.Refusal) {
        guard let members = try? SealedJSON.members(String(decoding: bytes, as: UTF8.self)),
            case .string(let name) = members["schema"], name.hasPrefix("tproxy.plan-file/")
        else { throw .foreign }
        // Another version may compute the seal differently.
        guard name != schema || (try? SealedJSON.content(members)) != nil else { throw .edited }
    }

    /// Returns the content of the file.
    func text() throws(OperationFailure) -> String {
        do {
            return try SealedJSON.text(self)
        } catch {
            throw OperationFailure(.unwritablePlanFile(because: "\(error)"))
        }
    }
}
