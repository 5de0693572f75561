package import Addressing

/// The flows of a range of owners to a range of ports over one protocol.
package struct FlowRectangle: Hashable, Sendable, CustomStringConvertible {
    package var owners: UserIDRange
    package var transport: TransportProtocol
    package var ports: PortRange

    package init(owners: UserIDRange, transport: TransportProtocol, ports: PortRange) {
        self.owners = owners
        self.transport = transport
        self.ports = ports
    }

    /// The form that a configuration uses: `tcp:8000-8010:1700`.
    package var description: String { "\(transport.rawValue):\(ports):\(owners)" }
}

/// Flows as products of an owner range and a port range that don't overlap.
///
/// Each product has one protocol. Equal sets of packets give equal rectangles, however the flows
/// were written. The kernel accepts intervals in concatenations (Linux 5.6), but not overlapping
/// ones.
package struct FlowRectangles {
    package private(set) var rectangles: [FlowRectangle] = []

    package init(_ flows: [OwnedFlow]) {
        for transport in TransportProtocol.allCases {
            add(transport, flows.filter { $0.protocols.contains(transport) })
        }
    }

    /// The maximum number of rectangles, far above any known configuration.
    package static let limit = 200_000

    /// Whether the flows are certain to give no more than `limit` rectangles.
    ///
    /// A list of 50,000 ports for 50,000 owners would give 2,500,000,000. The check takes as long
    /// as sorting the owners.
    static func areFew(_ flows: [OwnedFlow]) -> Bool {
        // The change of the number of active port ranges at each owner.
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

    /// Adds the rectangles of `flows` by a sweep over the owners.
    ///
    /// Between two places where a range begins or ends, the ports are the same. Neighbours with
    /// equal ports become one rectangle.
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
