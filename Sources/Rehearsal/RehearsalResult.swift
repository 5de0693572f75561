package import Addressing
package import RuleTrace

/// The place where a packet was received.
package enum Landing: Hashable, Sendable {
    /// The listener of the proxy on this port.
    case proxy(Port)
    /// The original destination.
    case destination
    /// The packet wasn't received; contains the system's message or that of the timeout.
    case nowhere(String)

    /// Returns the expected landing for an outcome.
    package init(_ outcome: Explanation.Outcome) {
        switch outcome {
        case .redirected(let port): self = .proxy(port)
        case .exempt, .untouched: self = .destination
        // No ruleset of ours translates a packet to another host.
        case .dropped, .translated: self = .nowhere("")
        }
    }

    /// Whether both are the same place, ignoring messages.
    package func isSamePlace(as other: Landing) -> Bool {
        switch (self, other) {
        case (.nowhere, .nowhere): true
        case (_, _): self == other
        }
    }
}

/// The result of one path.
package struct RehearsalResult: Sendable {
    package var path: RehearsalPath
    package var landing: Landing
    /// Whether the answer returned to the sender, with the original destination as its source.
    package var isAnswered: Bool
    /// Whether the proxy could read the original destination (SO_ORIGINAL_DST); nil if it didn't
    /// try.
    package var keepsOriginalDestination: Bool?
    /// The conntrack zone of the connection on the host; nil if the kernel doesn't show it.
    package var conntrackZone: UInt16?

    /// Whether the packet landed as expected, was answered, and kept its source.
    package func isAsExpected(_ explanation: Explanation) -> Bool {
        let expected = Landing(explanation.outcome)
        if case .nowhere = expected { return landing.isSamePlace(as: expected) }
        return landing == expected && isAnswered && keepsOriginalDestination != false
            && conntrackZone.map { $0 == explanation.conntrackZone } ?? true
    }
}
