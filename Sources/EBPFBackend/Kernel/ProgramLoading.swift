import CEBPF
import FaultPoints
import Glibc
import LinuxHost
import RuleIR

/// Loads the programs of a plan and attaches them, in place of those that are attached.
struct ProgramLoading {
    let plan: ProgramPlan
    let image: ProgramImage
    let host: ConfigurationHost
    let ownAddresses: [[UInt8]]
    let folder: PinFolder
    let cgroup: String
    let record: LoadRecord

    /// The maps that stay when the programs are replaced.
    private static let lasting = [CEBPF_ORIGINS, CEBPF_PENDING].map { Int32($0.rawValue) }

    func load(_ object: (bytes: [UInt8]?, name: String)) throws(BackendError) {
        try reporting { () throws(KernelFailure) in try folder.make() }
        let loaded = try loadedObject(object)
        try reporting { () throws(KernelFailure) in
            try fill(loaded)
            try bind(loaded)
        }
        try ProxyListeners.adopt(plan, into: loaded)
        try reporting { () throws(KernelFailure) in
            try pinLastingMaps(of: loaded)
            try attach(loaded)
        }
        // Those that opened before the new programs were attached.
        try ProxyListeners.adopt(plan, into: loaded)
    }

    private func loadedObject(
        _ object: (bytes: [UInt8]?, name: String)
    ) throws(BackendError) -> LoadedObject {
        // Descriptors of the maps that connections of the former programs use.
        var existing: [Int32: Int32] = [:]
        defer { for descriptor in existing.values { close(descriptor) } }
        for map in Self.lasting {
            let path = folder.map(map)
            let found = systemCall(.bpfRead) { unsafe cebpf_pinned(path) }
            if found >= 0 { existing[map] = found }
        }
        let entries = [
            Int32(CEBPF_ADDRESSES.rawValue): max(image.prefixes.count, 1),
            Int32(CEBPF_PORTS.rawValue): max(image.ports.count, 1),
            Int32(CEBPF_OWN_ADDRESSES.rawValue): max(ownAddresses.count, 1),
            Int32(CEBPF_COUNTERS.rawValue): max(plan.rules.count, 1),
        ]
        return try LoadedObject(
            object.bytes, named: object.name, plan.configuration(host), entries: entries,
            existing: existing)
    }

    private func fill(_ loaded: borrowing LoadedObject) throws(KernelFailure) {
        try Self.fill(loaded, CEBPF_ADDRESSES, image.prefixes.map { ($0.bytes, [1]) })
        try Self.fill(
            loaded, CEBPF_PORTS,
            image.ports.enumerated().map { (UInt32(clamping: $0).hostBytes, $1) })
        try Self.fill(loaded, CEBPF_OWN_ADDRESSES, ownAddresses.map { ($0, [1]) })
    }

    /// Writes the elements of a map, which nothing changes afterwards.
    private static func fill(
        _ loaded: borrowing LoadedObject, _ kind: cebpf_map,
        _ elements: [(key: [UInt8], value: [UInt8])]
    ) throws(KernelFailure) {
        let map = loaded.map(kind)
        let name = unsafe String(cString: cebpf_map_name(Int32(kind.rawValue)))
        for (key, value) in elements {
            let result = systemCall(.bpfWrite) { unsafe cebpf_map_update(map, key, value) }
            guard result == 0 else { throw KernelFailure("writing the map \(name)") }
        }
        let result = systemCall(.bpfWrite) { cebpf_map_freeze(map) }
        guard result == 0 else { throw KernelFailure("freezing the map \(name)") }
    }

    /// Binds the record to the programs.
    private func bind(_ loaded: borrowing LoadedObject) throws(KernelFailure) {
        var text = Array(record.text.utf8)
        text += [UInt8](repeating: 0, count: 8 - text.count % 8)
        let made = systemCall(.bpfWrite) {
            unsafe cebpf_map_create(MapReading.recordName, UInt32(clamping: text.count), 1)
        }
        guard made >= 0 else { throw KernelFailure("creating the record") }
        let map = KernelObject(made)
        try map.update(UInt32(0).hostBytes, text)
        try map.freeze()
        for program in HookedProgram.all {
            let descriptor = loaded.descriptor(of: program)
            let number = map.number
            let result = systemCall(.bpfWrite) { cebpf_bind_map(descriptor, number) }
            guard result == 0 else { throw KernelFailure("binding the record") }
        }
    }

    private func pinLastingMaps(of loaded: borrowing LoadedObject) throws(KernelFailure) {
        for map in Self.lasting {
            let path = folder.map(map)
            let isPinned = systemCall(.fileStatus) { unsafe access(path, F_OK) } == 0
            guard !isPinned else { continue }
            let descriptor = loaded.map(cebpf_map(UInt32(map)))
            let result = systemCall(.bpfPin) { unsafe cebpf_pin(descriptor, path) }
            guard result == 0 else { throw KernelFailure("pinning \(path)") }
        }
    }

    private func attach(_ loaded: borrowing LoadedObject) throws(KernelFailure) {
        let cgroup = try KernelObject(opening: cgroup, isFolder: true)
        let namespace = try KernelObject(opening: "/proc/thread-self/ns/net", isFolder: false)
        var attachment = Attachment(
            folder, cgroup: cgroup.number, namespace: namespace.number)
        do throws(KernelFailure) {
            for program in HookedProgram.all {
                try attachment.attach(program, loaded.descriptor(of: program))
            }
        } catch {
            attachment.rollBack()
            throw error
        }
    }
}
