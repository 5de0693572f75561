/// The hook, type, priority and policy of a base chain.
package struct HookAttachment: Hashable, Sendable, Codable {
    /// The chain type: `nat`, `filter` or `route`.
    package var type: String
    package var hook: LoadedChain.Hook
    /// The priority; chains with a lower number run first.
    ///
    /// Of chains with equal numbers, the one that was loaded last runs first.
    package var priority: Int
    /// The policy for packets that reach the end of the chain: `accept` or `drop`.
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
    /// A hook of the kernel (`enum nf_inet_hooks`).
    package enum Hook: Hashable, Sendable, Codable {
        case prerouting
        case input
        case forward
        case output
        case postrouting
        case ingress
        /// A hook that none of our packets passes, such as `egress`.
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

        /// Returns the hook of this name; nil for `other`.
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

    // Encoded as a name, not as a case of the enumeration.
    package init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
