import LinuxHost
import RuleIR

extension InstalledRuleset.Map {
    /// Reads the memory of the maps with these IDs, in the order of their names.
    ///
    /// Maps whose memory the kernel doesn't tell are left out.
    static func all(_ ids: Set<UInt32>) throws(KernelFailure) -> [Self] {
        var maps: [Self] = []
        for id in ids {
            let map = try KernelObject.map(id)
            let name = try map.mapFacts().name
            guard let memory = map.mapMemory else { continue }
            maps.append(Self(name: name, memory: memory))
        }
        return maps.sorted { ($0.name, $0.memory) < ($1.name, $1.memory) }
    }
}

extension KernelObject {
    /// The bytes of kernel memory that the map takes; nil if the kernel doesn't tell.
    ///
    /// It is exact from Linux 6.4 on. Earlier kernels count a map as if it were full.
    fileprivate var mapMemory: UInt64? {
        guard let text = try? KernelFile.contents(of: "/proc/thread-self/fdinfo/\(number)") else {
            return nil
        }
        for line in text.split(separator: "\n") where line.hasPrefix("memlock:") {
            return line.split(separator: "\t").last.flatMap { UInt64($0) }
        }
        return nil
    }
}
