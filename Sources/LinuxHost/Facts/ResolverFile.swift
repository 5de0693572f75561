package import Addressing

/// The part of resolv.conf(5) that the rules need.
package enum ResolverFile {
    /// Returns the addresses of the `nameserver` lines, in order, without duplicates.
    ///
    /// Comments begin with `#` or `;`. A zone (`fe80::1%eth0`) is removed, because rules have none.
    /// A line without an address is skipped, as the resolver does.
    package static func nameservers(in text: String) -> [IPAddress] {
        var found: [IPAddress] = []
        var known: Set<IPAddress> = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count >= 2, words[0] == "nameserver" else { continue }
            let address = words[1].prefix { $0 != "%" }
            if let address = IPAddress(String(address)), known.insert(address).inserted {
                found.append(address)
            }
        }
        return found
    }
}
