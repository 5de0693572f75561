import Addressing

/// Where segments go, and who owns the socket that sends them.
struct FloodTarget: Sendable {
    let owner: UserID
    let endpoint: Endpoint

    /// Reads `UID@ADDRESS:PORT`; without an owner it is root.
    init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let last = parts.last, let endpoint = Endpoint(String(last)) else { return nil }
        if parts.count == 2 {
            guard let owner = UserID(parts[0]) else { return nil }
            self.owner = owner
        } else {
            owner = .root
        }
        self.endpoint = endpoint
    }
}
