/// A version of the CNI specification that the plugin speaks.
enum CNIVersion: String, CaseIterable, Comparable {
    case v0_3_1 = "0.3.1"
    case v0_4_0 = "0.4.0"
    case v1_0_0 = "1.0.0"
    case v1_1_0 = "1.1.0"

    static let newest = CNIVersion.v1_1_0

    static func < (left: CNIVersion, right: CNIVersion) -> Bool {
        guard let first = allCases.firstIndex(of: left), let second = allCases.firstIndex(of: right)
        else { return false }
        return first < second
    }

    static var allTexts: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
