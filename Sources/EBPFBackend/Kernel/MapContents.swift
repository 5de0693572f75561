import CEBPF
import FaultPoints
import Glibc

/// The elements of a map.
extension KernelObject {
    func update(_ key: [UInt8], _ value: [UInt8]) throws(KernelFailure) {
        let result = systemCall(.bpfWrite) { unsafe cebpf_map_update(number, key, value) }
        guard result == 0 else { throw KernelFailure("writing a map") }
    }

    /// Returns the value of a key; nil if there is none.
    func value(_ key: [UInt8], size: Int) throws(KernelFailure) -> [UInt8]? {
        var value = [UInt8](repeating: 0, count: size)
        let result = systemCall(.bpfRead) { unsafe cebpf_map_lookup(number, key, &value) }
        guard result == 0 else {
            guard errno == ENOENT else { throw KernelFailure("reading a map") }
            return nil
        }
        return value
    }

    /// Returns the keys, in the kernel's order.
    func keys(size: Int) throws(KernelFailure) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        var next = [UInt8](repeating: 0, count: size)
        while true {
            let result = systemCall(.bpfRead) {
                if let last = keys.last {
                    unsafe cebpf_map_next_key(number, last, &next)
                } else {
                    unsafe cebpf_map_next_key(number, nil, &next)
                }
            }
            guard result == 0 else {
                guard errno == ENOENT else { throw KernelFailure("reading a map") }
                return keys
            }
            keys.append(next)
        }
    }

    /// Makes the map read-only for programs of this host.
    func freeze() throws(KernelFailure) {
        let result = systemCall(.bpfWrite) { cebpf_map_freeze(number) }
        guard result == 0 else { throw KernelFailure("freezing a map") }
    }

    struct MapFacts {
        var id: UInt32
        var name: String
        var valueSize: Int
        var entries: Int
    }

    func mapFacts() throws(KernelFailure) -> MapFacts {
        var facts = cebpf_map_facts()
        let result = systemCall(.bpfRead) { unsafe cebpf_map_facts(number, &facts) }
        guard result == 0 else { throw KernelFailure("reading the facts of a map") }
        return MapFacts(
            id: facts.id, name: Self.text(&facts.name), valueSize: Int(facts.value_size),
            entries: Int(facts.entries))
    }

    /// Reads a C array of characters.
    static func text<Characters>(_ characters: inout Characters) -> String {
        unsafe withUnsafeBytes(of: &characters) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
