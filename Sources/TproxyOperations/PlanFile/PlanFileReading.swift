import FoundationEssentials
import PersistenceFiles
import RuleIR

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
            let plan = try JSONDecoder().decode(PlanFile.self, from: content)
            try plan.ruleset.check()
            return plan
        } catch let error as DecodingError {
            throw OperationFailure(.invalidPlanFile(file.name, because: error.words))
        } catch {
            throw OperationFailure(.invalidPlanFile(file.name, because: "\(error)"))
        }
    }

    private static func content(of file: InputFile) throws(OperationFailure) -> Data {
        do throws(SealedJSON.Problem) {
            let members = try SealedJSON.members(file.text)
            let found: String? = if case .text(let name) = members["schema"] { name } else { nil }
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
            case .text(let name) = members["schema"], name.hasPrefix("tproxy.plan-file/")
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
