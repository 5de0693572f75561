package import RuleIR

/// A file for `nft -f` that loads the same rules as `apply`.
package enum NftablesFile {
    /// The directory that distributions' configurations include, if they include one.
    package static let folder = "/etc/nftables.d"

    package static func path(of instance: InstanceName) -> String {
        "\(folder)/tproxy_\(instance).nft"
    }

    /// Returns the text; `table` is the nft text and `digest` that of its rules.
    package static func body(table: String, digest: String, of instance: InstanceName) -> String {
        """
        # The rules of instance '\(instance)', digest \(digest).
        # Loading it replaces the table inet tproxy_\(instance) in one transaction, and no other.
        # To update:  tproxy export nftables --instance \(instance) …
        # To remove:  tproxy export nftables --instance \(instance) --remove

        \(table)
        """
    }
}
