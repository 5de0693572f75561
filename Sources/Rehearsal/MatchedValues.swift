import Addressing
import RuleIR

/// The values that rules match, with adjacent ones.
struct MatchedValues {
    private static let most = 500

    private(set) var users: [UserID]
    private(set) var ports: [Port] = []
    private(set) var addresses: [AddressFamily: [IPAddress]] = [:]
    /// The ports on which the proxy listens, so that no other program can.
    let taken: Set<Port>
    /// The virtual networks, on which only the container and the host exist.
    private let networks: [IPPrefix]

    init(_ ruleset: Ruleset, _ setting: RehearsalSetting) {
        taken = [setting.inboundPort, setting.outboundPort, setting.dnsPort]
        networks = setting.networks.map(\.prefix)
        users = [.applicationUser, .root, setting.proxyUser]
        for port in [Port.dns, .dns, .ssh, .web, .secureWeb, .service] {
            add(port.number...port.number)
        }
        for address in setting.resolvers {
            add(IPPrefix(address))
        }
        for set in ruleset.sets {
            switch set.members {
            case .addresses(_, let members):
                for member in members.prefix(Self.most) {
                    add(member.value)
                }
            case .ports(let members):
                for member in members.prefix(Self.most) {
                    add(member.value.first.number...member.value.last.number)
                }
            case .ownedFlows(let members):
                for flow in members.prefix(Self.most).map(\.value) {
                    add(flow)
                }
            }
        }
    }

    private mutating func add(_ flow: OwnedFlow) {
        for range in flow.ports where range != .all {
            add(range.first.number...range.last.number)
        }
        for range in flow.owners {
            let next = UserID(UInt64(range.last.number) + 1)
            users += [range.first, range.last] + [next].compactMap(\.self)
        }
    }

    /// Adds both ends of a range and the ports after them.
    private mutating func add(_ range: ClosedRange<UInt16>) {
        let numbers = [Int(range.lowerBound), Int(range.upperBound), Int(range.upperBound) + 1]
        ports += numbers.compactMap { Port($0) }.filter {
            !taken.contains($0) && $0.number < 30_000
        }
    }

    private mutating func add(_ prefix: IPPrefix) {
        let range = prefix.range
        let near = [range.first, range.last, range.last.advanced(by: 1)]
        addresses[prefix.family, default: []] += near.filter { address in
            !address.isSpecial && !networks.contains { $0.contains(address) }
        }
    }
}
