import RuleIR

/// Prerequisites as members of reports: a kind is a member.
struct ReportedPrerequisites {
    private(set) var loopbackAddress: String?

    init(_ prerequisites: [HostPrerequisite]) {
        for prerequisite in prerequisites {
            switch prerequisite {
            case .address(let address): loopbackAddress = address.description
            }
        }
    }
}
