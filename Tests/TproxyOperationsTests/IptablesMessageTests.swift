import RuleIR
import Testing

@testable import IptablesBackend

/// What the messages of the iptables programs say.
@Suite struct IptablesMessageTests {
    @Test(arguments: [
        ("iptables-restore: line 7 failed\n", 7),
        ("iptables-nft-restore v1.8.9 (nf_tables): \nline 12: RULE_APPEND failed: x", 12),
        ("a\nError occurred at line: 3\nTry `iptables-restore -h'", 3),
        ("the command line is wrong\nline x\nline 4 failed\nline 5 failed", 4),
        ("no such line", nil), ("", nil),
    ])
    func aRefusalNamesALine(errors: String, line: Int?) {
        #expect(refusal(errors).line == line)
    }

    @Test(arguments: [
        ("Could not fetch rule set generation id: Invalid argument", true),
        ("iptables v1.8.9 (nf_tables): Failed to initialize nft: Protocol not supported", true),
        ("a\nFailed to initialize nft: Operation not supported\nb", true),
        ("Could not fetch rule set generation id: Permission denied (you must be root)", false),
        ("Extension owner revision 0 not supported, missing kernel module?", false),
    ])
    func aKernelIsWithoutNfTables(errors: String, isWithout: Bool) {
        #expect(FamilyTables.Refusal.isWithoutNfTables(errors) == isWithout)
    }

    @Test(arguments: [
        ("Warning: Extension owner revision 0 not supported, missing kernel module?", "owner"),
        ("Warning: Extension REDIRECT is not supported, missing kernel module?", "REDIRECT"),
        ("x\nWarning: Extension tcp revision 10 not supported, missing kernel module?\ny", "tcp"),
        ("Extension owner revision 0 is obsolete", nil), ("Extension ", nil), ("", nil),
    ])
    func aWarningNamesTheMissingExtension(words: String, name: String?) {
        #expect(KernelFeature.missingExtension(in: words) == name)
    }

    @Test func aLackIsPermanent() {
        let table = "iptables-restore: unable to initialize table 'nat'\nError occurred at line: 1"
        #expect(refusal(table).isLack)
        #expect(!refusal(table).isTemporary)
        #expect(refusal("Another app is currently holding the xtables lock.").isTemporary)
    }

    private func refusal(_ errors: String) -> FamilyTables.Refusal {
        FamilyTables.Refusal(status: 1, errors: errors, words: errors)
    }
}
