package import RuleIR

/// What changing firewall rules needs: CAP_NET_ADMIN, and not root.
package enum Privilege {
    /// Throws unless this process has it, before anything is tried.
    package static func check() throws(BackendError) {
        guard Capability.isEffective(Capability.netAdmin) else {
            throw .missingCapability("CAP_NET_ADMIN")
        }
    }
}
