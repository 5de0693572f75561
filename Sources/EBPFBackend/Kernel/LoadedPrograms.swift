import CEBPF
import Glibc
import RuleIR

/// The programs of an instance that are attached, with what they evaluate.
struct LoadedPrograms {
    var folder: PinFolder
    /// The links that are in force, by program.
    var links: [HookedProgram: KernelObject.LinkFacts]
    var record: LoadRecord
    var image: ProgramImage
    var host: ConfigurationHost
    var ownAddresses: [[UInt8]]
    /// The connections of each counted rule.
    var counts: [UInt64]
    /// The IDs of the maps that the programs use.
    var maps: Set<UInt32>
    /// Whether all programs are attached and are of one load.
    var isWhole: Bool

    var isIntact: Bool { isWhole && image.digest == record.digest }

    /// Reads the programs that are pinned in `folder`; nil if none is attached.
    init?(_ folder: PinFolder) throws(KernelFailure) {
        var links: [HookedProgram: KernelObject.LinkFacts] = [:]
        var maps: [HookedProgram: [UInt32]] = [:]
        for program in HookedProgram.all {
            guard let link = try KernelObject.pinned(at: folder.link(of: program)) else { continue }
            let facts = try link.linkFacts()
            // Without its cgroup or namespace, a link does nothing.
            guard facts.target != 0 else { continue }
            let found = try KernelObject.program(facts.program).programFacts()
            guard found.name == program.kernelName else {
                throw KernelFailure("\(folder.link(of: program))", code: EEXIST)
            }
            links[program] = facts
            maps[program] = found.maps
        }
        guard let first = HookedProgram.all.first(where: { maps[$0] != nil }) else { return nil }
        var reading = MapReading()
        // The decision's programs use all maps.
        let deciding = HookedProgram.all.last { maps[$0] != nil } ?? first
        guard let contents = try reading.contents(maps[deciding] ?? []) else {
            throw KernelFailure("\(folder.path)", code: EEXIST)
        }
        let loads = try Set(maps.values.map { ids throws(KernelFailure) in try reading.load(ids) })
        self.folder = folder
        self.links = links
        record = contents.record
        image = contents.image
        host = contents.host
        ownAddresses = contents.ownAddresses
        counts = contents.counts
        self.maps = Set(maps.values.joined())
        isWhole = links.count == HookedProgram.all.count && loads.count == 1
    }

    /// The state for `status`, except the memory of the maps.
    var installed: InstalledRuleset {
        var installed = InstalledRuleset(
            name: "eBPF programs in \(folder.path)", version: record.version,
            digest: record.digest, isIntact: isIntact,
            ownedPrerequisites: record.ownedPrerequisites,
            hooks: links.keys.sorted { $0.number < $1.number }.map { program in
                InstalledRuleset.Hook(
                    chain: program.name, type: program.isOfNamespace ? "netns" : "cgroup",
                    hook: program.hook, priority: 0)
            },
            counters: zip(record.rules, counts).map { rule, count in
                InstalledRuleset.RuleCounter(
                    chain: RuleLocation.List(rule.list)?.programChain ?? rule.list,
                    comment: rule.words, packets: count, bytes: 0)
            })
        installed.loadedAt = record.loadedAt
        return installed
    }
}
