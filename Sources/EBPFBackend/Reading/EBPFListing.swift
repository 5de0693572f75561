import Addressing
package import RuleIR

/// The programs as listed rules, so that they can be compared with a plan.
extension EBPFBackend: ListingBackend {
    package func readBack(_ instance: InstanceName) throws(BackendError) -> LoadedRules? {
        try loadedPrograms(instance)?.listed
    }

    package func expectedRules(_ ruleset: Ruleset) throws(RulesetProblem) -> ListedRules {
        ListedRules([try emit(ruleset).table(ruleset.instance)])
    }

    package func plannedAndLoaded(_ planned: Ruleset) throws(BackendError) -> PlannedAndLoaded {
        let plan = try plan(of: planned)
        let loaded = try loadedPrograms(planned.instance)
        var both = PlannedAndLoaded(
            planned: ListedRules([plan.table(planned.instance)]), loaded: loaded?.listed)
        if let loaded { both.hostChanges = try hostChanges(since: loaded, planned) }
        return both
    }

    /// Returns what is otherwise on this host than when the programs were loaded.
    private func hostChanges(
        since loaded: LoadedPrograms, _ planned: Ruleset
    ) throws(BackendError) -> [String] {
        var changes: [String] = []
        if try places.interface() != loaded.host.interface {
            changes.append("the interface of incoming connections (ebpf.tcAttachIface) is another")
        }
        // Prerequisites that apply would undo and make.
        let undone = loaded.record.ownedPrerequisites.filter { !planned.prerequisites.contains($0) }
        var addresses = Set(try places.ownAddresses())
        addresses.subtract(undone.ownAddresses)
        addresses.formUnion(planned.prerequisites.ownAddresses)
        let former = Set(loaded.ownAddresses)
        changes += addresses.subtracting(former).map(MappedAddress.text).sorted().map {
            "the programs don't know \($0), an address of this host"
        }
        changes += former.subtracting(addresses).map(MappedAddress.text).sorted().map {
            "\($0) isn't an address of this host any more"
        }
        return changes
    }
}

extension [HostPrerequisite] {
    /// The addresses as the programs have them.
    fileprivate var ownAddresses: [[UInt8]] {
        map { prerequisite in
            switch prerequisite {
            case .address(let address): MappedAddress.bytes(of: address.prefix.address)
            }
        }
    }
}

extension MappedAddress {
    fileprivate static func text(_ bytes: [UInt8]) -> String { "\(address(bytes))" }
}

extension LoadedPrograms {
    /// The rules that the steps are made from; the steps themselves if they can't be read.
    fileprivate var listed: LoadedRules {
        LoadedRules(
            installed: installed,
            rules: ListedRules([
                ProgramPlan(image, record)?.table(.mesh) ?? ListedTable.unreadable(.mesh)
            ]))
    }
}

extension ListedTable {
    /// The name of the programs in listings.
    fileprivate static func name(_ instance: InstanceName) -> String {
        BackendName.ebpf.placement.location(of: instance, by: BackendName.ebpf.text)
    }

    fileprivate static func unreadable(_ instance: InstanceName) -> ListedTable {
        let text = "steps of another version of tproxy"
        return ListedTable(
            name: name(instance), families: AddressFamily.allCases, sets: [],
            chains: [
                ListedChain(
                    name: "steps", entries: [.native(OpaqueRule(text: text, comment: nil))])
            ])
    }
}

extension ProgramPlan {
    func table(_ instance: InstanceName) -> ListedTable {
        guard let reading = RuleReading(self) else { return .unreadable(instance) }
        return ListedTable(
            name: ListedTable.name(instance), families: families, sets: sets,
            chains: reading.chains)
    }

    private var sets: [ListedSet] {
        let addresses = zip(names.addresses, addressSets).map { named, prefixes in
            NamedSet(
                named.name,
                .addresses(
                    named.family, prefixes.map { NamedSet.Member($0, source: named.name.text) }))
        }
        let ports = zip(names.ports, portSets).map { name, ranges in
            NamedSet(name, .ports(ranges.map { NamedSet.Member($0, source: name.text) }))
        }
        let flows = names.flows.map { named in
            NamedSet(
                named.name,
                .ownedFlows(
                    self.flows[clamped: named.range].map { flow in
                        NamedSet.Member(
                            OwnedFlow(
                                protocols: [flow.transport], ports: [flow.ports],
                                owners: [flow.owners]), source: named.name.text)
                    }))
        }
        return (addresses + ports + flows).map { .readable($0) }
    }
}

extension Array {
    fileprivate subscript(clamped range: Range<Int>) -> ArraySlice<Element> {
        self[range.clamped(to: indices)]
    }
}
