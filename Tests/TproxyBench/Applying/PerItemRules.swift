/// A ruleset without sets: one nftables rule for each excluded network.
///
/// istio-iptables with native nftables and Consul's nftables provider do so. Everything else is in
/// our chains, and the exclusions precede the rules that send packets to the proxy.
enum PerItemRules {
    /// Our base chain of the output hook that sends packets to the proxy.
    static let chain = "nat_output_last"

    /// Writes `base`, the nft text of the configuration without exclusions, with a rule for each
    /// exclusion.
    static func write(
        _ list: ExclusionList, base: String, to path: String
    ) throws(BenchError) {
        let lines = base.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "\tchain \(chain) {"), start + 1 < lines.count,
            lines[start + 1].hasPrefix("\t\ttype nat hook output ")
        else {
            throw .notAsExpected("'tproxy plan' prints no chain \(chain) any more")
        }
        try TextFile.write(path) { write in
            for line in lines[...(start + 1)] { write("\(line)\n") }
            list.forEach { write("\t\tip daddr \($0) counter return\n") }
            write(lines[(start + 2)...].joined(separator: "\n"))
        }
    }
}
