package import RuleIR

/// The change from one installation's loopback address to the next one's.
///
/// The process may be killed between any two steps. At every moment the kernel knows whose the
/// address is: it has our metric, or it expires.
package struct AliasChange {
    /// The address that the rules' identity should name as ours.
    package let owned: LoopbackAlias?
    private let added: LoopbackAlias?
    private let released: LoopbackAlias?

    /// Adds `wanted`, and releases `former` if it was ours and is no longer wanted.
    ///
    /// With `isShared`, other rules of ours need `former`, and it stays.
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

    /// Makes the added address permanent, after the rules were loaded.
    package func commit() throws(BackendError) {
        try added?.keep()
    }

    /// Restores the former address, after the rules were refused.
    package func rollBack() {
        _ = try? added?.release()
        released?.restore()
    }
}
