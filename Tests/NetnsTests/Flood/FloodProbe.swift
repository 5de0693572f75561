/// Segments to a port, and how they must be treated while two plans are applied in turn.
struct FloodProbe {
    enum Treatment {
        /// Both plans redirect them.
        case redirected
        /// Both plans bypass the proxy.
        case bypassed
        /// One plan redirects them, so either is right.
        case changing
    }

    var port: Int
    /// Root if nil.
    var owner: Int?
    /// Each is a separate target.
    var addresses: [String]
    var treatment: Treatment

    static let hostAddresses = ["10.78.0.2", "fd78::2"]
    static let otherAddresses = ["10.78.0.1", "fd78::1"]

    /// Segments that leave this host; the default addresses are in no plan.
    static func to(
        _ port: Int, by owner: Int? = nil, at addresses: [String] = ["203.0.113.7", "3fff::7"],
        _ treatment: Treatment
    ) -> FloodProbe {
        FloodProbe(port: port, owner: owner, addresses: addresses, treatment: treatment)
    }

    /// Segments from another host.
    static func toHost(_ port: Int, _ treatment: Treatment) -> FloodProbe {
        to(port, at: hostAddresses, treatment)
    }

    /// The arguments for `LoadGenerator flood`.
    var targets: [String] {
        addresses.map { address in
            (owner.map { "\($0)@" } ?? "")
                + (address.contains(":") ? "[\(address)]" : address) + ":\(port)"
        }
    }
}
