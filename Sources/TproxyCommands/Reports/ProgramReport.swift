import EBPFBackend

/// The programs of a plan as JSON.
struct ProgramReport: JSONReport {
    static let schema = "tproxy.ebpf/1"

    private let listing: ProgramListing

    init(_ listing: ProgramListing) {
        self.listing = listing
    }

    func encode(to encoder: any Encoder) throws {
        try listing.encode(to: encoder)
    }
}
