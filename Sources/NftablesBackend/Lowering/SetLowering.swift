import Addressing
import RuleIR

extension NftSet {
    /// A set of the IR, its members merged: the kernel refuses overlapping intervals.
    init(_ set: NamedSet) {
        name = set.name.text
        isInterval = true
        switch set.members {
        case .addresses(let family, let members):
            types = [family == .ipv4 ? .ipv4Address : .ipv6Address]
            elements = AddressRange.merging(members.map(\.value.range)).map { .addresses($0) }
        case .ports(let members):
            types = [.port]
            elements = PortRange.merging(members.map(\.value)).map { .ports($0) }
        case .ownedFlows(let members):
            types = [.owner, .transport, .port]
            elements = FlowRectangles(members.map(\.value)).rectangles.map {
                .flow($0.owners, $0.transport, $0.ports)
            }
        }
    }
}
