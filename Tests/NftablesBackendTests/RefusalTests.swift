import Glibc
import Netlink
import RuleIR
import Testing

@testable import NftablesBackend

@Suite struct RefusalTests {
    private func feature(_ code: Int32, _ subject: NftBatch.Subject) -> String? {
        var refusal = Refusal(NetlinkError(code: code))
        refusal.subject = subject
        guard case .unsupported(let feature, _) = refusal.asBackendError else { return nil }
        return feature
    }

    @Test(arguments: [EINVAL, EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT])
    func refusedTransactionMeansNoNfTables(_ code: Int32) {
        #expect(feature(code, .transaction) == KernelFeature.nfTables.name)
    }

    @Test(arguments: [EINVAL, EOPNOTSUPP])
    func refusedConcatenationWithRangesNamesItsFeature(_ code: Int32) {
        let named = feature(code, .set("owners", needs: .rangesInConcatenations))
        #expect(named?.contains("ranges in concatenated nftables sets") == true)
        #expect(named?.contains("'owners'") == true)
        #expect(feature(code, .set("ports")) == nil)
    }

    @Test func missingChainTypeNamesNAT() {
        #expect(feature(ENOENT, .chain("nat_output_last"))?.contains("NAT") == true)
        #expect(feature(EINVAL, .chain("nat_output_last")) == nil)
    }
}
