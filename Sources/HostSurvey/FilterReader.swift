import Addressing
import LinuxHost
import IptablesBackend
import NftablesBackend
import Preflight
import RuleIR

/// Reads foreign tables that see packets after the redirect, and ports that rules publish.
///
/// The programs that list such tables run as processes of their own: libnftables can crash on the
/// sets of a newer program (decision 0052).
struct FilterReader {
    private(set) var tables: [FilterTable] = []
    private(set) var publications: [Port] = []
    private(set) var unseen: [PreflightSurvey.Unseen] = []
    private let paths: [String: String]

    private struct Place: Hashable {
        var family: LoadedChain.Family
        var table: String
    }

    /// Reads the tables of `chains`, which are all chains of the host.
    ///
    /// Runs no program if none of them may drop packets.
    init(_ chains: [LoadedChain], paths: [String: String]) {
        self.paths = paths
        var seen: Set<Place> = []
        for chain in chains where chain.engine == .nftables && chain.mayFilter {
            let place = Place(family: chain.family, table: chain.table)
            guard seen.insert(place).inserted else { continue }
            let base = chains.filter {
                $0.engine == .nftables && $0.family == place.family && $0.table == place.table
                    && $0.base != nil
            }
            read(place, looksLikeIptables: base.allSatisfy { $0.name == $0.name.uppercased() })
        }
        if chains.contains(where: { $0.engine == .legacy && $0.mayFilter }) { readLegacy() }
        publications = Publications.ports(chains, paths: paths)
    }

    private mutating func readLegacy() {
        do throws(FilterTables.Unreadable) {
            tables += try FilterTables.legacy(paths: paths).map(\.reachable)
        } catch {
            unseen.append(.init(.filterRules, because: error.reason))
        }
    }

    private mutating func read(_ place: Place, looksLikeIptables: Bool) {
        do {
            if looksLikeIptables, FilterTables.names.contains(place.table),
                let family = place.family.single,
                let table = try FilterTables.nft(place.table, family, paths: paths)
            {
                tables.append(table.reachable)
                return
            }
            let listing = try NftProgram.list(place.family.rawValue, place.table)
            if let table = try NftListing.filterTable(listing) { tables.append(table.reachable) }
        } catch let error as FilterTables.Unreadable {
            unseen.append(.init(.filterRules, because: error.reason))
        } catch let error as NftProgram.Unreadable {
            unseen.append(.init(.filterRules, because: error.reason))
        } catch let error as NftListing.Unreadable {
            unseen.append(.init(.filterRules, because: error.reason))
        } catch {
            unseen.append(.init(.filterRules, because: "\(error)"))
        }
    }
}

extension LoadedChain {
    /// Whether the chain sees packets after the redirect and may drop them.
    fileprivate var mayFilter: Bool {
        guard let base, base.type != "nat", !(family == .inet && table.hasPrefix("tproxy_")) else {
            return false
        }
        switch base.hook {
        case .input: return true
        case .output, .prerouting, .postrouting: return base.priority > Stage.nat.priority
        case .forward, .ingress, .other: return false
        }
    }
}

extension LoadedChain.Family {
    /// The family of the table; nil for a table of both.
    var single: AddressFamily? {
        switch self {
        case .ip: .ipv4
        case .ip6: .ipv6
        case .inet: nil
        }
    }
}
