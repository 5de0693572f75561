/// nft's listing of our table.
package enum TableListing {
    /// The listing without the time of the load, and without the record that covers it.
    package static func withoutTime(_ text: String) -> String {
        text.replacing(/"(at|record) [^"]*"/) { "\"\($0.1) …\"" }
    }

    /// The same for a document for libnftables: one that is printed has no time.
    package static func documentWithoutTime(_ text: String) -> String {
        text.replacing(/\s*\{"elem": \{"val": \d+, "comment": "at [^"]*"\}\},?/, with: "")
            .replacing(/"val": \d+, "comment": "record [^"]*"/, with: "record")
    }

    /// The listing without what depends on the loopback address, the submission and its time, and with
    /// sets, chains and elements sorted: nft lists most of them in the order of their creation.
    package static func withoutAddress(_ text: String) -> String {
        let objects = text.replacing(/elements = \{([^}]*)\}/) { match in
            let elements = match.1.split(separator: ",").map {
                $0.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
            return "elements = { \(elements.sorted().joined(separator: ", ")) }"
        }.replacing(/,? *0x[0-9a-f]+ comment "(sent|at|address|record) [^"]*"/, with: "")
            .split(separator: "\n").filter { $0 != "}" && !$0.hasPrefix("table ") }
            .joined(separator: "\n").replacing("\n\t}", with: "\n\t}\n")
        return objects.split(separator: "\t}\n").map { $0.trimmingPrefix("\n") }.sorted()
            .joined(separator: "\t}\n")
    }
}
