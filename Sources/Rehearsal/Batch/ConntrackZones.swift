import Addressing
import LinuxHost

/// Which conntrack zone the connections of the thread's network namespace are in.
struct ConntrackZones {
    private struct Key: Hashable {
        var transport: Substring
        var sourcePort: Substring
    }

    private var zones: [Key: UInt16] = [:]

    /// Reads `/proc/net/nf_conntrack`, which not every kernel has.
    ///
    /// A line contains `udp … src=A dst=B sport=N dport=M … zone=2`, the packet's own direction
    /// first. It has `zone-orig` if the zone is for that direction alone, and no zone for zone 0.
    init() {
        let path = "/proc/thread-self/net/nf_conntrack"
        let table = (try? KernelFile.contents(of: path)) ?? ""
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            let port = fields.first { $0.hasPrefix("sport=") }
            guard fields.count > 2, let port else { continue }
            let zone = fields.first { $0.hasPrefix("zone=") || $0.hasPrefix("zone-orig=") }
            let key = Key(transport: fields[2], sourcePort: port.dropFirst("sport=".count))
            zones[key] = zone.flatMap { UInt16($0.drop { $0 != "=" }.dropFirst()) } ?? 0
        }
    }

    /// The zone of a packet's connection; nil where conntrack doesn't know it.
    func zone(of letter: Letter) -> UInt16? {
        zones[
            Key(
                transport: letter.target.transport.rawValue[...],
                sourcePort: "\(letter.port)"[...])]
    }
}
