/// A kind of change between two plans that are applied in turn.
enum FloodKind: String, CaseIterable, Sendable {
    case includePorts = "includePorts"
    case excludePorts = "excludePorts"
    case portRanges = "excludePorts, adjacent"
    case owners = "excludePortsForUIDs"
    case ownerRanges = "excludePortsForUIDs, ranges"
    case addresses = "excludePortsForIPs, 4 addresses"
    case networks = "excludePortsForIPs, 8 networks"
    case networks40 = "excludePortsForIPs, 40 networks"
    case networks3000 = "excludePortsForIPs, 3,000 networks"
    case networks50000 = "excludePortsForIPs, 50,000 networks"
    case plainToRanges = "short lists from plain to ranges"
    case longPlainToRanges = "long lists from plain to ranges"
    case firstLoad = "first load and removal"
    case firstLoad3000 = "first load and removal, 3,000 networks"
    case foreign = "foreign changes, ports and owners"
    case foreign50000 = "foreign changes, 50,000 networks"
    case inboundIncludePorts = "inbound includePorts"
    case inboundExcludePorts = "inbound excludePorts"
    case inboundNetworks = "inbound excludePortsForIPs, 40 networks"

    /// What else happens between and during applies.
    enum Company {
        case none
        /// The second of the two plans is none: everything is removed.
        case removal
        /// Another table changes before each apply, and again soon after its start.
        case foreignChanges
    }

    var company: Company {
        switch self {
        case .firstLoad, .firstLoad3000: .removal
        case .foreign, .foreign50000: .foreignChanges
        case .includePorts, .excludePorts, .portRanges, .owners, .ownerRanges, .addresses,
            .networks, .networks40, .networks3000, .networks50000, .plainToRanges,
            .longPlainToRanges, .inboundIncludePorts, .inboundExcludePorts, .inboundNetworks:
            .none
        }
    }

    /// Whether the segments come from another host.
    var isInbound: Bool {
        switch self {
        case .inboundIncludePorts, .inboundExcludePorts, .inboundNetworks: true
        case .includePorts, .excludePorts, .portRanges, .owners, .ownerRanges, .addresses,
            .networks, .networks40, .networks3000, .networks50000, .plainToRanges,
            .longPlainToRanges, .firstLoad, .firstLoad3000, .foreign, .foreign50000:
            false
        }
    }

    /// Where a redirected segment goes.
    var proxyPort: Int { isInbound ? 15006 : 15001 }

    /// The networks in the list that changes.
    var networkCount: Int {
        switch self {
        case .networks: 8
        case .networks40, .inboundNetworks: 40
        case .networks3000, .firstLoad3000: 3000
        case .networks50000, .foreign50000: 50_000
        case .includePorts, .excludePorts, .portRanges, .owners, .ownerRanges, .addresses,
            .plainToRanges, .longPlainToRanges, .firstLoad, .foreign, .inboundIncludePorts,
            .inboundExcludePorts:
            0
        }
    }
}
