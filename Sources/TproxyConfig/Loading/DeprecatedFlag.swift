/// A flag of an older version of Kuma that scripts may still use.
package struct DeprecatedFlag: Sendable {
    enum Meaning: Sendable {
        /// The flag has no effect.
        case nothing
        /// The flag sets this key to its value.
        case key(String)
        /// Each value, with `prefix` prepended, is an item of
        /// `redirect.outbound.excludePortsForUIDs`.
        case ownerExclusion(prefix: String)
    }

    package let name: String
    /// The replacement that the warning suggests.
    package let advice: String
    let meaning: Meaning

    package static let all: [DeprecatedFlag] = [
        DeprecatedFlag(
            name: "--kuma-dp-uid", advice: "write --kuma-dp-user instead",
            meaning: .key("kumaDPUser")),
        DeprecatedFlag(
            name: "--redirect-inbound-port-v6",
            advice: "leave it out: --redirect-inbound-port serves both families",
            meaning: .nothing),
        DeprecatedFlag(
            name: "--skip-resolv-conf",
            advice: "leave it out: resolv.conf is never changed", meaning: .nothing),
        DeprecatedFlag(
            name: "--kuma-cp-ip", advice: "leave it out: resolv.conf is never changed",
            meaning: .nothing),
        DeprecatedFlag(
            name: "--redirect-dns-upstream-target-chain",
            advice: "leave it out: tproxy detects Docker's chain", meaning: .nothing),
        DeprecatedFlag(
            name: "--exclude-outbound-tcp-ports-for-uids",
            advice: "write --exclude-outbound-ports-for-uids tcp:PORTS:UIDS instead",
            meaning: .ownerExclusion(prefix: "tcp:")),
        DeprecatedFlag(
            name: "--exclude-outbound-udp-ports-for-uids",
            advice: "write --exclude-outbound-ports-for-uids udp:PORTS:UIDS instead",
            meaning: .ownerExclusion(prefix: "udp:")),
        DeprecatedFlag(
            name: "--experimental-transparent-proxy-engine",
            advice: "leave it out: there is only one engine", meaning: .nothing),
    ]
}
