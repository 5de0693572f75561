/// How the kernel comes to run a chain.
package struct HookAttachment: Hashable, Sendable, Codable {
    /// `nat`, `filter` or `route`.
    package var type: String
    package var hook: LoadedChain.Hook
    /// Chains of a lower number run first; of equal ones, the chain that was loaded last.
    package var priority: Int
    /// What becomes of packets at the end of the chain: `accept` or `drop`.
    package var policy: String

    package init(
        type: String, hook: LoadedChain.Hook, priority: Int, policy: String = "accept"
    ) {
        self.type = type
        self.hook = hook
        self.priority = priority
        self.policy = policy
    }
}

extension LoadedChain {
    /// A place on a packet's way (`enum nf_inet_hooks`).
    package enum Hook: Hashable, Sendable, Codable {
        case prerouting
        case input
        case forward
        case output
        case postrouting
        case ingress
        /// One that no packet of ours passes, such as `egress`.
        case other(String)

        package static let known: [Hook] = [
            .prerouting, .input, .forward, .output, .postrouting, .ingress,
        ]

        package init(_ hook: RuleIR.Hook) {
            switch hook {
            case .prerouting: self = .prerouting
            case .output: self = .output
            }
        }

        /// The hook of this name; nil for `other`.
        package init?(known name: String) {
            guard let hook = Self.known.first(where: { $0.rawValue == name }) else { return nil }
            self = hook
        }
    }
}

extension LoadedChain.Hook: RawRepresentable {
    package init(rawValue: String) {
        self = Self(known: rawValue) ?? .other(rawValue)
    }

    package var rawValue: String {
        switch self {
        case .prerouting: "prerouting"
        case .input: "input"
        case .forward: "forward"
        case .output: "output"
        case .postrouting: "postrouting"
        case .ingress: "ingress"
        case .other(let name): name
        }
    }

    // As a name, and not as the cases of the enumeration.
    package init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
