package import Addressing

/// Some owners to some ports by one protocol.
package struct FlowRectangle: Hashable, Sendable, CustomStringConvertible {
    package var owners: UserIDRange
    package var transport: TransportProtocol
    package var ports: PortRange

    /// The form that a configuration has: `tcp:8000-8010:1700`.
    package var description: String { "\(transport.rawValue):\(ports):\(owners)" }
}

/// Flows as ranges of owners times ranges of ports that don't overlap, protocol by protocol.
///
/// The same packets give the same rectangles, however the flows were written. The kernel takes
/// intervals in concatenations (Linux 5.6), but none that overlap.
package struct FlowRectangles {
    package private(set) var rectangles: [FlowRectangle] = []

    package init(_ flows: [OwnedFlow]) {
        for transport in TransportProtocol.allCases {
            add(transport, flows.filter { $0.protocols.contains(transport) })
        }
    }

    /// How many rectangles there may be: far more than anybody has loaded.
    package static let limit = 200_000

    /// Whether the flows surely come to no more than `limit` rectangles.
    ///
    /// A list of 50,000 ports for 50,000 owners would come to 2,500,000,000. Takes as long as a sort
    /// of the owners.
    static func areFew(_ flows: [OwnedFlow]) -> Bool {
        // How many more ranges of ports count from a place on than before it.
        var changes: [UInt64: Int] = [:]
        for flow in flows {
            let ports = flow.ports.count * flow.protocols.count
            for owners in flow.owners {
                changes[UInt64(owners.first.number), default: 0] += ports
                changes[UInt64(owners.last.number) + 1, default: 0] -= ports
            }
        }
        var current = 0
        var total = 0
        for change in changes.sorted(by: { $0.key < $1.key }) {
            current += change.value
            total += current
            if total > limit { return false }
        }
        return true
    }

    /// Sweeps over the owners: between two places where a range begins or ends, the ports are the
    /// same, and neighbours with the same ports are joined.
    private mutating func add(_ transport: TransportProtocol, _ flows: [OwnedFlow]) {
        var begins: [UInt64: [Int]] = [:]
        var ends: [UInt64: [Int]] = [:]
        for (index, flow) in flows.enumerated() {
            for owners in flow.owners {
                begins[UInt64(owners.first.number), default: []].append(index)
                ends[UInt64(owners.last.number) + 1, default: []].append(index)
            }
        }
        var active: [Int: Int] = [:]
        var open: (from: UInt64, ports: [PortRange])?
        for place in Set(begins.keys).union(ends.keys).sorted() {
            for index in begins[place] ?? [] { active[index, default: 0] += 1 }
            for index in ends[place] ?? [] {
                active[index] = active[index] == 1 ? nil : (active[index] ?? 1) - 1
            }
            let ports = PortRange.merging(active.keys.flatMap { flows[$0].ports })
            if let current = open {
                guard current.ports != ports else { continue }
                close(current, before: place, transport)
            }
            open = ports.isEmpty ? nil : (place, ports)
        }
    }

    private mutating func close(
        _ open: (from: UInt64, ports: [PortRange]), before place: UInt64,
        _ transport: TransportProtocol
    ) {
        guard let first = UserID(open.from), let last = UserID(place - 1),
            let owners = UserIDRange(first, last)
        else { return }
        rectangles += open.ports.map {
            FlowRectangle(owners: owners, transport: transport, ports: $0)
        }
    }
}
