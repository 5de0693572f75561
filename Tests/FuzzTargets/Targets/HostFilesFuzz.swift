import LinuxHost
import PersistenceFiles

extension FuzzTarget {
    /// Files of the host: resolv.conf(5), nftables.conf, /proc/net/udp, and a file that may be ours.
    static let hostFiles = FuzzTarget(name: "host-files") { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let servers = ResolverFile.nameservers(in: text)
        try promise(Set(servers).count == servers.count, "a resolver twice")
        // The same addresses, written as a resolver would write them, are the same resolvers.
        let written = servers.map { "nameserver \($0)\n" }.joined()
        try promise(
            ResolverFile.nameservers(in: written) == servers, "resolvers don't read back")
        _ = DockerDNS.inspect(text)
        // The file may include itself by a pattern: then the inclusion never ends, as with nft.
        let files = NftablesInclusion.Files(
            text: { _ in text }, matching: { _ in ["/etc/nftables.conf", "/etc/nftables.d/a.nft"] })
        _ = NftablesInclusion.fate(
            of: "/etc/nftables.d/tproxy.nft", in: "/etc/nftables.conf", files)
        if (try? WrittenFile.check(bytes)) != nil {
            let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
            let body = String(decoding: bytes.dropFirst(line.count + 1), as: UTF8.self)
            let again = Array(WrittenFile(body, version: "0").text.utf8)
            try promise((try? WrittenFile.check(again)) != nil, "our own file isn't recognised")
        }
    }
}
