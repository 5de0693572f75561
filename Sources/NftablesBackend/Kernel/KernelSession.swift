import FaultPoints
import RuleIR

/// A conversation with nf_tables through libnftables, in the terms of tables.
struct KernelSession: ~Copyable {
    private let context: NftablesContext

    init() throws(BackendError) {
        do {
            context = try NftablesContext()
        } catch {
            throw .failed(operation: "opening libnftables", reason: error.message)
        }
    }

    /// The table of this name; nil when there is none.
    ///
    /// No other table is looked at.
    func list(_ name: String) throws(BackendError) -> Listing? {
        let command: JSONValue = [
            "nftables": [["list": ["table": ["family": "inet", "name": .string(name)]]]]
        ]
        do {
            let text = try Jansson.text(command, .compact)
            let json = try systemCall(.tableList, failing: NftablesContext.Failure.refuse) {
                () throws(NftablesContext.Failure) in try context.run(json: text)
            }
            return try Listing(name: name, json: json)
        } catch let failure as NftablesContext.Failure {
            if failure.isAbsence { return nil }
            throw failure.asBackendError(doing: "listing the rules")
        } catch let failure as Jansson.Failure {
            throw .failed(operation: "reading the rules back", reason: failure.reason)
        } catch {
            throw .failed(operation: "listing the rules", reason: "\(error)")
        }
    }

    /// What `status` shows of a table whose digest is of libnftables' JSON.
    func installed(
        _ name: String, as identity: Identity
    ) throws(BackendError) -> InstalledRuleset {
        guard let listing = try list(name) else {
            throw .failed(
                operation: "reading the rules back", reason: "they were removed meanwhile")
        }
        do {
            return try listing.installed(as: identity)
        } catch {
            throw .failed(operation: "reading the rules back", reason: error.reason)
        }
    }
}
