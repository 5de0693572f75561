import RuleIR

/// A table as the kernel lists it, without the elements of its sets.
struct KernelTable {
    struct Chain {
        var name: String
        /// The hook and priority; nil for a regular chain.
        var base: HookAttachment?
    }

    struct Rule {
        var chain: String
        var comment: String?
        var expressions: [ListedExpression]
        /// The values of its first counter; nil without a counter.
        var count: Count?
    }

    struct Count {
        var packets: UInt64
        var bytes: UInt64
    }

    struct Set {
        var name: String
        var keyType: UInt32
        var keyLength: UInt32
        /// The flags of `enum nft_set_flags`.
        var flags: UInt32
        /// Attributes that no set of ours has.
        var extras: [UInt8]
    }

    /// The flags `NFT_TABLE_F_…`.
    var flags: UInt32
    var chains: [Chain]
    /// The rules, in the order of their chains.
    var rules: [Rule]
    var sets: [Set]
}
