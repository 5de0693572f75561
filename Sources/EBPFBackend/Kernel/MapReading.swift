import CEBPF
import Glibc
import RuleIR

/// Reads the maps that a program uses, by their IDs.
struct MapReading {
    /// The name of the map with the record.
    static let recordName = "tproxy_record"
    /// The end of the name of the map with the configuration; libbpf prefixes the object's name.
    private static let configurationName = ".rodata"
    /// The maximum number of processors of a kernel (NR_CPUS); a counter has a value for each.
    private static let processors = 8192

    private var facts: [UInt32: KernelObject.MapFacts] = [:]

    struct Contents {
        var record: LoadRecord
        var image: ProgramImage
        var host: ConfigurationHost
        var ownAddresses: [[UInt8]]
        var counts: [UInt64]
    }

    /// Returns the maps that identify a load: its configuration and its record.
    mutating func load(_ ids: [UInt32]) throws(KernelFailure) -> Set<UInt32> {
        var found: Set<UInt32> = []
        for id in ids {
            let name = try self.facts(of: id).name
            if name == Self.recordName || name.hasSuffix(Self.configurationName) {
                found.insert(id)
            }
        }
        return found
    }

    private mutating func facts(of id: UInt32) throws(KernelFailure) -> KernelObject.MapFacts {
        if let known = facts[id] { return known }
        let read = try KernelObject.map(id).mapFacts()
        facts[id] = read
        return read
    }

    /// Reads all maps of a program; nil if they aren't of a program of ours.
    mutating func contents(_ ids: [UInt32]) throws(KernelFailure) -> Contents? {
        var byName: [String: UInt32] = [:]
        for id in ids {
            let name = try self.facts(of: id).name
            byName[name.hasSuffix(Self.configurationName) ? Self.configurationName : name] = id
        }
        guard let configuration = byName[Self.configurationName],
            let record = byName[Self.recordName].map({ $0 }),
            let configured = try Self.configuration(
                of: configuration, try facts(of: configuration)),
            let written = LoadRecord(try Self.text(of: record, try facts(of: record)))
        else { return nil }
        return Contents(
            record: written,
            image: ProgramImage(
                configuration: configured.imageBytes,
                prefixes: try Self.keys(byName["addresses"], size: PrefixKey.size)
                    .map(PrefixKey.init(bytes:)).sorted(),
                ports: try ports(byName["ports"])),
            host: ConfigurationHost(
                namespaceCookie: configured.namespace_cookie, interface: configured.interface),
            ownAddresses: try Self.keys(byName["own_addresses"], size: 16)
                .sorted { $0.lexicographicallyPrecedes($1) },
            counts: try Self.counts(byName["counters"], written.rules.count))
    }

    private static func configuration(
        of id: UInt32, _ facts: KernelObject.MapFacts
    ) throws(KernelFailure) -> tproxy_ebpf_configuration? {
        var configuration = tproxy_ebpf_configuration()
        let size = MemoryLayout<tproxy_ebpf_configuration>.size
        guard facts.valueSize == size,
            let bytes = try KernelObject.map(id).value(UInt32(0).hostBytes, size: size)
        else { return nil }
        unsafe withUnsafeMutableBytes(of: &configuration) { unsafe $0.copyBytes(from: bytes) }
        guard configuration.magic == UInt32(TPROXY_EBPF_MAGIC),
            configuration.layout == UInt32(TPROXY_EBPF_LAYOUT)
        else { return nil }
        return configuration
    }

    private static func text(
        of id: UInt32, _ facts: KernelObject.MapFacts
    ) throws(KernelFailure) -> String {
        let bytes = try KernelObject.map(id).value(UInt32(0).hostBytes, size: facts.valueSize) ?? []
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func keys(_ id: UInt32?, size: Int) throws(KernelFailure) -> [[UInt8]] {
        guard let id else { return [] }
        return try KernelObject.map(id).keys(size: size)
    }

    /// Returns the port sets; the map has a place for one even if there is none.
    private mutating func ports(_ id: UInt32?) throws(KernelFailure) -> [[UInt8]] {
        guard let id else { return [] }
        let size = Int(TPROXY_EBPF_PORT_BYTES)
        let map = try KernelObject.map(id)
        var sets: [[UInt8]] = []
        for index in 0..<(try facts(of: id).entries) {
            let bits = try map.value(UInt32(clamping: index).hostBytes, size: size) ?? []
            if bits.contains(where: { $0 != 0 }) { sets.append(bits) }
        }
        return sets
    }

    private static func counts(_ id: UInt32?, _ count: Int) throws(KernelFailure) -> [UInt64] {
        guard let id else { return [] }
        let map = try KernelObject.map(id)
        var counts: [UInt64] = []
        for index in 0..<count {
            let bytes =
                try map.value(
                    UInt32(clamping: index).hostBytes,
                    size: processors * MemoryLayout<UInt64>.size) ?? []
            counts.append(
                unsafe bytes.withUnsafeBytes { unsafe $0.bindMemory(to: UInt64.self).reduce(0, &+) }
            )
        }
        return counts
    }
}
