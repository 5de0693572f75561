package import Addressing
package import RuleTrace

/// Where a packet came out.
package enum Landing: Hashable, Sendable {
    /// The listener of the proxy on this port.
    case proxy(Port)
    /// Where it was going.
    case destination
    /// Nobody got it; the words of the system, or that the time was up.
    case nowhere(String)

    /// Where a packet with this outcome should come out.
    package init(_ outcome: Explanation.Outcome) {
        switch outcome {
        case .redirected(let port): self = .proxy(port)
        case .exempt, .untouched: self = .destination
        // No ruleset of ours sends a packet to another host.
        case .dropped, .translated: self = .nowhere("")
        }
    }

    /// Whether both are the same place, whatever the words.
    package func isSamePlace(as other: Landing) -> Bool {
        switch (self, other) {
        case (.nowhere, .nowhere): true
        case (_, _): self == other
        }
    }
}

/// What happened on a path.
package struct RehearsalResult: Sendable {
    package var path: RehearsalPath
    package var landing: Landing
    /// Whether the answer came back to the sender, as if from where it had sent to.
    package var isAnswered: Bool
    /// Whether the proxy could still learn where the connection was going (SO_ORIGINAL_DST);
    /// nil where that isn't asked.
    package var keepsOriginalDestination: Bool?
    /// The conntrack zone of the connection on the host; nil where the kernel doesn't tell.
    package var conntrackZone: UInt16?

    /// Whether the packet landed where it should, was answered, and was seen as it was sent.
    package func isAsExpected(_ explanation: Explanation) -> Bool {
        let expected = Landing(explanation.outcome)
        if case .nowhere = expected { return landing.isSamePlace(as: expected) }
        return landing == expected && isAnswered && keepsOriginalDestination != false
            && conntrackZone.map { $0 == explanation.conntrackZone } ?? true
    }
}
