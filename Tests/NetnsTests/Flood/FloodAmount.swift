import Foundation
import TproxyTestSupport

/// The amount of traffic: what `make flood` sets, or a small one for every run of the tests.
struct FloodAmount {
    var segments: Int
    /// The least number of applies, even if all segments are sent before.
    var applies: Int
    /// The path of tproxy.
    var program: String
    private var isFull: Bool
    private var backend: BackendUnderTest?

    static let asked: FloodAmount = {
        let variables = ProcessInfo.processInfo.environment
        guard let segments = variables["TPROXY_FLOOD_SEGMENTS"].flatMap({ Int($0) }) else {
            return FloodAmount(
                segments: 100_000, applies: 8, program: Command.tproxy, isFull: false)
        }
        return FloodAmount(
            segments: segments, applies: 20,
            program: variables["TPROXY_FLOOD_PROGRAM"] ?? Command.tproxy, isFull: true,
            backend: variables["TPROXY_FLOOD_BACKEND"].flatMap(BackendUnderTest.init(rawValue:)))
    }()

    /// The kinds of change to try: all of them, or those with the most steps.
    ///
    /// iptables replaces a table as a whole, so two kinds suffice; and a debug build needs a minute
    /// for a rule for each network of a long list.
    func kinds(_ backend: BackendUnderTest) -> [FloodKind] {
        if let asked = self.backend, asked != backend { return [] }
        if isFull { return FloodKind.allCases }
        switch backend {
        case .nft:
            return [
                .includePorts, .ownerRanges, .networks40, .networks3000, .longPlainToRanges,
                .firstLoad3000, .foreign, .foreign50000, .inboundIncludePorts,
            ]
        case .nftByNetlink: return [.ownerRanges, .networks3000, .firstLoad3000, .foreign50000]
        case .iptablesNft, .iptablesLegacy: return [.includePorts, .ownerRanges]
        }
    }
}
