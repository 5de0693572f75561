import Addressing
import RuleIR

/// Our table as the kernel lists it.
struct Listing {
    let name: String
    let objects: [JSONValue]
    /// Reads what libnftables prints for `list table`.
    init(name: String, json: String) throws(Jansson.Failure) {
        self.name = name
        objects = try Jansson.parse(json)["nftables"]?.array ?? []
    }

    /// What `status` shows.
    func installed(as identity: Identity) throws(Jansson.Failure) -> InstalledRuleset {
        InstalledRuleset(
            name: "table inet \(name)", version: identity.version, digest: identity.digest,
            isIntact: try NormalForm(objects).digest() == identity.digest,
            ownedAlias: identity.ownedAlias, hooks: hooks, counters: counters)
    }

    private var hooks: [InstalledRuleset.Hook] {
        objects.compactMap { object in
            guard let chain = object["chain"], let name = chain["name"]?.string,
                let hook = chain["hook"]?.string, let priority = chain["prio"]?.number
            else { return nil }
            return InstalledRuleset.Hook(
                chain: name, type: chain["type"]?.string ?? "", hook: hook, priority: priority)
        }
    }

    private var counters: [InstalledRuleset.RuleCounter] {
        objects.compactMap { object in
            guard let rule = object["rule"], let chain = rule["chain"]?.string,
                let counter = rule["expr"]?.array?.lazy.compactMap({ $0["counter"] }).first
            else { return nil }
            return InstalledRuleset.RuleCounter(
                chain: chain, comment: rule["comment"]?.string ?? "",
                packets: UInt64(clamping: counter["packets"]?.number ?? 0),
                bytes: UInt64(clamping: counter["bytes"]?.number ?? 0))
        }
    }
}
