/// nft's listing of our table.
package enum TableListing {
    /// The listing without what depends on the loopback address and on the submission, and with
    /// sets, chains and elements sorted: nft lists most of them in the order of their creation.
    package static func withoutAddress(_ text: String) -> String {
        let objects = text.replacing(/elements = \{([^}]*)\}/) { match in
            let elements = match.1.split(separator: ",").map {
                $0.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
            return "elements = { \(elements.sorted().joined(separator: ", ")) }"
        }.replacing(/,? *0x[0-9a-f]+ comment "(sent|address|record) [^"]*"/, with: "")
            .split(separator: "\n").filter { $0 != "}" && !$0.hasPrefix("table ") }
            .joined(separator: "\n").replacing("\n\t}", with: "\n\t}\n")
        return objects.split(separator: "\t}\n").map { $0.trimmingPrefix("\n") }.sorted()
            .joined(separator: "\t}\n")
    }
}
