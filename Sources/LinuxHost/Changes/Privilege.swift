package import RuleIR

/// The privilege to read and change firewall rules: CAP_NET_ADMIN, with or without root.
package enum Privilege {
    /// Throws `missingCapability` if this process lacks it, before anything changes.
    package static func check(toRead isReading: Bool = false) throws(BackendError) {
        guard Capability.isEffective(Capability.netAdmin) else {
            throw .missingCapability("CAP_NET_ADMIN", isReading: isReading)
        }
    }
}
