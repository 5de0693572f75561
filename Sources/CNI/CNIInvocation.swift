/// What the runtime passes in the environment.
struct CNIInvocation {
    enum Verb: String, CaseIterable {
        case add = "ADD"
        case delete = "DEL"
        case check = "CHECK"
        case collectGarbage = "GC"
        case status = "STATUS"
        case version = "VERSION"

        /// The variables that the verb needs besides CNI_COMMAND.
        fileprivate var variables: [String] {
            switch self {
            case .add, .check: ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"]
            case .delete: ["CNI_CONTAINERID", "CNI_IFNAME"]
            case .collectGarbage, .status, .version: []
            }
        }

        /// The first version of the specification that has the verb.
        var firstVersion: CNIVersion {
            switch self {
            case .add, .delete, .version: .v0_3_1
            case .check: .v0_4_0
            case .collectGarbage, .status: .v1_1_0
            }
        }
    }

    let verb: Verb
    let containerID: String
    /// The path of the pod's network namespace; empty if it is gone.
    let namespacePath: String
    /// The pairs of CNI_ARGS.
    let arguments: [String: String]

    init(_ environment: [String: String]) throws(CNIError) {
        let names = Verb.allCases.map(\.rawValue).joined(separator: ", ")
        guard let command = environment["CNI_COMMAND"], !command.isEmpty else {
            throw CNIError(.invalidEnvironment, "CNI_COMMAND is missing; it is one of \(names)")
        }
        guard let verb = Verb(rawValue: command) else {
            throw CNIError(
                .invalidEnvironment, "CNI_COMMAND is '\(command)'; it must be one of \(names)")
        }
        let missing = verb.variables.filter { environment[$0]?.isEmpty ?? true }
        guard missing.isEmpty else {
            throw CNIError(
                .invalidEnvironment,
                "\(missing.joined(separator: ", ")) missing: \(command) needs"
                    + " \(verb.variables.joined(separator: ", "))")
        }
        self.verb = verb
        containerID = environment["CNI_CONTAINERID"] ?? ""
        namespacePath = environment["CNI_NETNS"] ?? ""
        arguments = try Self.pairs(environment["CNI_ARGS"] ?? "")
        guard !verb.variables.contains("CNI_CONTAINERID") || isCNIName(containerID) else {
            throw CNIError(
                .invalidEnvironment,
                "CNI_CONTAINERID is '\(containerID)'; it must be letters, digits, '.', '_' and '-',"
                    + " beginning with a letter or digit")
        }
        let interface = environment["CNI_IFNAME"] ?? ""
        guard !verb.variables.contains("CNI_IFNAME") || Self.isInterfaceName(interface) else {
            throw CNIError(
                .invalidEnvironment,
                "CNI_IFNAME is '\(interface)'; it must be the name of an interface, of at most 15"
                    + " bytes")
        }
    }

    private static func pairs(_ text: String) throws(CNIError) -> [String: String] {
        var pairs: [String: String] = [:]
        for pair in text.split(separator: ";") {
            guard let end = pair.firstIndex(of: "=") else {
                throw CNIError(
                    .invalidEnvironment, "CNI_ARGS has '\(pair)'; it must be KEY=VALUE;KEY=VALUE")
            }
            pairs[String(pair[..<end])] = String(pair[pair.index(after: end)...])
        }
        return pairs
    }

    private static func isInterfaceName(_ text: String) -> Bool {
        (1...15).contains(text.utf8.count) && text != "." && text != ".."
            && text.utf8.allSatisfy {
                (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":")
            }
    }
}

/// Whether a text is a name as the specification allows it for networks and containers.
func isCNIName(_ text: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case _: false
        }
    }
    guard let first = text.utf8.first, isAlphanumeric(first) else { return false }
    return text.utf8.allSatisfy {
        isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
            || $0 == UInt8(ascii: "-")
    }
}
