package import RuleIR

/// The loopback address on its way from one installation's to the next's.
///
/// At every moment the kernel can tell whose the address is: by its mark, or because it goes by itself.
/// A process may be killed between any two steps.
package struct AliasChange {
    /// The address that the rules should say is theirs to take away.
    package let owned: LoopbackAlias?
    private let added: LoopbackAlias?
    private let released: LoopbackAlias?

    /// Adds what is `wanted`, and takes away what was `former`ly ours and isn't wanted any more.
    ///
    /// What `isShared` other rules of ours need, too: then it stays.
    package init(
        from former: LoopbackAlias?, to wanted: LoopbackAlias?, isShared: Bool = false
    ) throws(BackendError) {
        try former?.claim()
        let addition = try wanted.map { alias throws(BackendError) in try alias.add() }
        let isNew = addition == .added
        added = isNew ? wanted : nil
        owned = addition == .foreign ? nil : wanted
        do throws(BackendError) {
            released =
                if let former, former != wanted, !isShared, try former.release() { former } else {
                    nil
                }
        } catch {
            if isNew { _ = try? wanted?.release() }
            throw error
        }
    }

    /// The rules are in: what was added stays.
    package func commit() throws(BackendError) {
        try added?.keep()
    }

    /// The rules were refused: the former ones are there and need what they had.
    package func rollBack() {
        _ = try? added?.release()
        released?.restore()
    }
}
