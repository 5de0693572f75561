import Foundation
import TproxyTestSupport

/// The table of the nft backend as nft(8) lists it, and changes of it.
enum NftListed {
    private static let table = "inet tproxy_mesh"

    static func chains(_ sandbox: Sandbox) async throws -> [ListedChain] {
        let listing = try await sandbox.shell("nft -s -a list table \(table)")
        var chains: [ListedChain] = []
        var name: String?
        var rules: [(text: String, handle: String)] = []
        for line in listing.split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) })
        {
            if line.hasPrefix("chain ") {
                name = line.split(separator: " ").dropFirst().first.map(String.init)
            } else if line == "}" {
                if let name { chains.append(chain(name, rules)) }
                name = nil
                rules = []
            } else if name != nil, let mark = line.range(of: " # handle ") {
                rules.append((String(line[..<mark.lowerBound]), String(line[mark.upperBound...])))
            }
        }
        return chains
    }

    private static func chain(
        _ name: String, _ rules: [(text: String, handle: String)]
    ) -> ListedChain {
        ListedChain(
            name: "\(table) \(name)", rules: rules.map(\.text), isOurs: true,
            delete: { "nft 'delete rule \(table) \(name) handle \(rules[$0].handle)'" },
            insert: { rule, place in
                let statement =
                    place < rules.count
                    ? "insert rule \(table) \(name) position \(rules[place].handle) \(rule)"
                    : "add rule \(table) \(name) \(rule)"
                // A comment may hold an apostrophe.
                return "nft -f - <<'RULE'\n\(statement)\nRULE"
            },
            newRule: { "tcp dport \($0) counter return" })
    }

    private struct Listing: Decodable {
        struct Object: Decodable {
            var set: ListedSet?
        }

        var nftables: [Object]
    }

    /// One element more or less for each of the sets.
    static func setChanges(
        _ sandbox: Sandbox, _ numbers: inout some RandomNumberGenerator
    ) async throws -> [HandMadeChange] {
        let text = try await sandbox.shell("nft -j list sets inet")
        var changes: [HandMadeChange] = []
        for object in try JSONDecoder().decode(Listing.self, from: Data(text.utf8)).nftables {
            guard let set = object.set, set.name != "identity" else { continue }
            changes.append(set.change(&numbers))
        }
        return changes
    }

    private struct ListedSet: Decodable {
        enum DataType: Decodable {
            case one(String)
            case several

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                self = (try? container.decode(String.self)).map { .one($0) } ?? .several
            }
        }

        /// Elements that are plain values; others are skipped.
        enum Element: Decodable {
            case plain(String)
            case other

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let text = try? container.decode(String.self) {
                    self = .plain(text)
                } else if let number = try? container.decode(Int.self) {
                    self = .plain("\(number)")
                } else {
                    self = .other
                }
            }
        }

        var name: String
        var type: DataType
        var elem: [Element]?

        func change(_ numbers: inout some RandomNumberGenerator) -> HandMadeChange {
            let plain = (elem ?? []).compactMap { element -> String? in
                if case .plain(let text) = element { text } else { nil }
            }
            if Bool.random(using: &numbers), let gone = plain.randomElement(using: &numbers) {
                return HandMadeChange(
                    command: "nft 'delete element \(table) \(name) { \(gone) }'",
                    names: ["@\(name) added \(gone)"])
            }
            let number = Int.random(in: 60_000...61_000, using: &numbers)
            let (element, words) =
                switch type {
                case .one("ipv4_addr"): ("198.18.0.1", "198.18.0.1")
                case .one("ipv6_addr"):
                    ("2001:db8:\(number % 1000)::1", "2001:db8:\(number % 1000)::1")
                case .one: ("\(number)", "\(number)")
                case .several:
                    (
                        "\(number) . 700",
                        "\(name.contains("_udp") ? "udp" : "tcp"):700:\(number)"
                    )
                }
            return HandMadeChange(
                command: "nft 'add element \(table) \(name) { \(element) }'",
                names: ["@\(name) removed \(words)"])
        }
    }
}
