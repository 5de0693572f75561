import JSON
import LinuxHost
import NftablesBackend
import RuleIR

// The record of a pending change: a line of JSON, then the snapshots of the backends, one after the
// other.
extension PendingChange {
    /// The form of the record; another form is that of another version.
    private static let form = 1

    var bytes: [UInt8] {
        var header: [String: JSONValue] = [
            "form": .number(Self.form), "id": .string(id), "boot": .string(namespace.boot),
            "namespace": .number(namespace.inode), "instance": .string("\(instance)"),
            "backend": .string(backend.text), "digest": .string(digest),
            "deadline": .number(Int(deadline.nanoseconds)), "stage": .string(stage.rawValue),
            "programs": .object(programs.mapValues { .string($0) }),
            "former": .array(
                former.map { one in
                    [
                        "backend": .string(one.backend.text),
                        "holdsRules": .bool(one.snapshot.holdsRules),
                        "length": .number(one.snapshot.bytes.count),
                    ]
                }),
            "prerequisites": .array(
                prerequisites.map { state in
                    [
                        "record": .string(state.prerequisite.record),
                        "metric": state.metric.map { .number(Int($0)) } ?? .null,
                    ]
                }),
        ]
        if let cookie = namespace.cookie { header["cookie"] = .number(cookie) }
        if let builtInTables {
            header["builtInTables"] = .array(
                builtInTables.names.sorted().map { .string($0) })
        }
        switch guardian {
        case .systemd(let unit): header["unit"] = .string(unit)
        case .processes(let processes):
            header["processes"] = .array(processes.map { .number(Int($0)) })
        case nil: break
        }
        return JSONValue.object(header).bytes(.compact) + [UInt8(ascii: "\n")]
            + former.flatMap(\.snapshot.bytes)
    }

    /// Reads `bytes`; nil if they aren't a record of this version.
    init?(bytes: [UInt8]) {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let header = try? JSONValue(parsing: String(decoding: bytes[..<end], as: UTF8.self)),
            header["form"]?.number == Self.form, let id = header["id"]?.string,
            let boot = header["boot"]?.string, let inode = header["namespace"]?.number,
            let instance = header["instance"]?.string.flatMap({ InstanceName($0) }),
            let backend = header["backend"]?.string.flatMap({ BackendName($0) }),
            let digest = header["digest"]?.string, let deadline = header["deadline"]?.number,
            deadline >= 0, let stage = header["stage"]?.string.flatMap({ Stage(rawValue: $0) })
        else { return nil }
        self.id = id
        namespace = NamespaceIdentity(
            boot: boot, inode: inode, cookie: header["cookie"]?.number)
        self.instance = instance
        self.backend = backend
        self.digest = digest
        self.deadline = BootTime(nanoseconds: UInt64(deadline))
        self.stage = stage
        programs = header["programs"]?.object?.compactMapValues(\.string) ?? [:]
        var place = end + 1
        for item in header["former"]?.array ?? [] {
            guard let name = item["backend"]?.string.flatMap({ BackendName($0) }),
                let length = item["length"]?.number, length >= 0, length <= bytes.count - place
            else { return nil }
            former.append(
                Former(
                    backend: name,
                    snapshot: RulesSnapshot(
                        bytes: Array(bytes[place..<(place + length)]),
                        holdsRules: item["holdsRules"] == .bool(true))))
            place += length
        }
        guard place == bytes.count else { return nil }
        for item in header["prerequisites"]?.array ?? [] {
            guard let record = item["record"]?.string,
                let prerequisite = [HostPrerequisite](records: [record])?.first
            else { return nil }
            prerequisites.append(
                PrerequisiteState(
                    prerequisite,
                    metric: item["metric"]?.number.map { UInt32(truncatingIfNeeded: $0) }))
        }
        builtInTables = header["builtInTables"]?.array.map { names in
            BuiltInTables(names: Set(names.compactMap(\.string)))
        }
        if let unit = header["unit"]?.string {
            guardian = .systemd(unit: unit)
        } else if let processes = header["processes"]?.array {
            guardian = .processes(
                processes.compactMap(\.number).map { Int32(truncatingIfNeeded: $0) })
        }
    }
}
