/// The target of segments, and the owner of the socket that sends them.
struct FloodTarget: Sendable {
    let owner: UInt32
    let endpoint: Endpoint

    /// Reads `UID@ADDRESS:PORT`; without an owner it is root.
    init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let last = parts.last, let endpoint = Endpoint(String(last)) else { return nil }
        if parts.count == 2 {
            guard let owner = UInt32(parts[0]) else { return nil }
            self.owner = owner
        } else {
            owner = 0
        }
        self.endpoint = endpoint
    }
}
