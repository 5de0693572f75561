import Foundation

/// How many segments to each target had which port after the redirect.
struct FloodCounts: Decodable {
    /// By number of the target and port.
    private(set) var packets: [[Int]: Int] = [:]

    var total: Int { packets.values.reduce(0, +) }

    /// Reads `nft -j list set inet flood seen`.
    init(_ listing: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(listing.utf8))
    }

    init(from decoder: any Decoder) throws {
        let listing = try Listing(from: decoder)
        for entry in listing.nftables.flatMap({ $0.set?.elem ?? [] }) {
            packets[entry.elem.val.concat, default: 0] += entry.elem.counter.packets
        }
    }

    /// The segments to target `number`: with the port `port`, and with any other.
    func split(_ number: Int, at port: Int) -> (there: Int, elsewhere: Int) {
        let all = packets.filter { $0.key.first == number }
        let there = all[[number, port]] ?? 0
        return (there, all.values.reduce(0, +) - there)
    }

    private struct Listing: Decodable {
        struct Object: Decodable { var set: Members? }
        struct Members: Decodable { var elem: [Entry]? }
        struct Entry: Decodable { var elem: Element }
        struct Element: Decodable {
            var val: Value
            var counter: Counter
        }
        struct Value: Decodable { var concat: [Int] }
        struct Counter: Decodable { var packets: Int }
        var nftables: [Object]
    }
}
