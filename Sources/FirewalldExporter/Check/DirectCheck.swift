/// Checks every element of a `direct.xml`, including those of other programs.
package struct DirectCheck {
    private let document: DirectDocument
    /// The maximum number of findings of each severity.
    private static let maximum = 50

    private var fatal: [(kind: DirectFinding.Kind, offset: Int)] = []
    private var doubtful: [(kind: DirectFinding.Kind, offset: Int)] = []
    /// The chains that elements create, by table.
    private var chains: [DirectNode.Place: Set<String>] = [:]

    /// Returns the findings, in the order of the elements.
    package static func findings(
        in bytes: [UInt8]
    ) throws(DirectFileProblem) -> [DirectFinding] {
        var check = DirectCheck(document: try DirectDocument(bytes))
        check.run()
        let found =
            check.fatal.prefix(maximum).map { ($0.offset, $0.kind, DirectFinding.Severity.fatal) }
            + check.doubtful.prefix(maximum).map { ($0.offset, $0.kind, .doubtful) }
        return found.sorted { $0.0 < $1.0 }.map { offset, kind, severity in
            DirectFinding(kind: kind, severity: severity, place: TextPlace(offset, in: bytes))
        }
    }

    private init(document: DirectDocument) {
        self.document = document
    }

    private mutating func run() {
        if let root = document.root {
            for name in root.attributes {
                report(.unknownAttribute(name, of: "direct"), .fatal, at: root.start.lowerBound)
            }
        }
        // firewalld creates all chains before any rule, in whatever order the elements are.
        for node in document.nodes where node.name == .chain { checkChain(node) }
        for node in document.nodes {
            switch node.name {
            case .chain: break
            case .rule: checkRule(node)
            case .passthrough: checkPassthrough(node)
            }
        }
    }

    private mutating func checkChain(_ node: DirectNode) {
        guard hasAttributes(["ipv", "table", "chain"], node), let builtIn = builtIn(node) else {
            return
        }
        guard !builtIn.contains(node.chain) else {
            return report(.builtInChain(node.chain), .fatal, at: node)
        }
        if !chains[node.place, default: []].insert(node.chain).inserted {
            report(.duplicateChain(node.chain), .doubtful, at: node)
        }
    }

    private mutating func checkRule(_ node: DirectNode) {
        guard hasAttributes(["ipv", "table", "chain", "priority"], node),
            let builtIn = builtIn(node)
        else { return }
        checkPriority(node)
        if !builtIn.contains(node.chain), !isMade(node.chain, node, builtIn) {
            report(.undeclaredChain(node.chain), .doubtful, at: node)
        }
        guard let arguments = arguments(node) else { return }
        for (option, value) in zip(arguments, arguments.dropFirst())
        where ["-j", "--jump", "-g", "--goto"].contains(option) {
            guard !KnownNames.targets.contains(value), !isMade(value, node, builtIn) else {
                continue
            }
            report(.unknownTarget(value), .doubtful, at: node)
        }
    }

    private mutating func checkPassthrough(_ node: DirectNode) {
        guard hasAttributes(["ipv"], node) else { return }
        if KnownNames.tables(of: node.place.ipv) == nil {
            report(.unknownFamily(node.place.ipv), .fatal, at: node)
        }
        _ = arguments(node)
    }

    private mutating func hasAttributes(_ names: [String], _ node: DirectNode) -> Bool {
        let missing = names.filter { node.attributes[$0] == nil }
        let unknown = node.attributes.keys.filter { !names.contains($0) }.sorted()
        for name in missing {
            report(.missingAttribute(name, of: node.name.rawValue), .fatal, at: node)
        }
        for name in unknown {
            report(.unknownAttribute(name, of: node.name.rawValue), .fatal, at: node)
        }
        return missing.isEmpty
    }

    /// Returns the built-in chains of the element's table; nil if firewalld has no such table.
    private mutating func builtIn(_ node: DirectNode) -> [String]? {
        guard let tables = KnownNames.tables(of: node.place.ipv) else {
            report(.unknownFamily(node.place.ipv), .fatal, at: node)
            return nil
        }
        guard let chains = tables[node.place.table] else {
            report(.unknownTable(node.place.table, family: node.place.ipv), .fatal, at: node)
            return nil
        }
        return chains
    }

    private mutating func checkPriority(_ node: DirectNode) {
        let text = node.attributes["priority"] ?? ""
        // As Python's int(), except for digits of other scripts and `_`.
        let digits = text.trimmingXMLSpace
        let sign = digits.first.map { "+-".contains($0) } ?? false
        let number = sign ? digits.dropFirst() : digits[...]
        guard !number.isEmpty, number.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return report(.notAPriority(text), .fatal, at: node)
        }
        if Int32(digits) == nil { report(.priorityOutOfRange(text), .doubtful, at: node) }
    }

    private mutating func arguments(_ node: DirectNode) -> [String]? {
        guard let arguments = node.arguments else {
            report(.unsplittableArguments, .fatal, at: node)
            return nil
        }
        if arguments.isEmpty { report(.noArguments(node.name.rawValue), .doubtful, at: node) }
        return arguments
    }

    /// Whether an element creates the chain, or firewalld does (`OUTPUT_direct`).
    private func isMade(_ chain: String, _ node: DirectNode, _ builtIn: [String]) -> Bool {
        chains[node.place]?.contains(chain) ?? false
            || builtIn.contains { chain == "\($0)_direct" }
    }

    private mutating func report(
        _ kind: DirectFinding.Kind, _ severity: DirectFinding.Severity, at node: DirectNode
    ) {
        report(kind, severity, at: node.range.lowerBound)
    }

    private mutating func report(
        _ kind: DirectFinding.Kind, _ severity: DirectFinding.Severity, at offset: Int
    ) {
        switch severity {
        case .fatal: fatal.append((kind, offset))
        case .doubtful: doubtful.append((kind, offset))
        }
    }
}

extension String {
    fileprivate var trimmingXMLSpace: String {
        let isSpace = { (character: Character) in character.utf8.allSatisfy(\.isXMLSpace) }
        let front = drop(while: isSpace)
        return String(front.reversed().drop(while: isSpace).reversed())
    }
}

/// An error in a `direct.xml` that is valid XML.
///
/// firewalld loads direct rules all together or not at all: if iptables-restore(8) refuses one,
/// none is loaded. `firewall-offline-cmd --check-config` finds few of these errors.
package struct DirectFinding: Hashable, Sendable {
    package enum Severity: Hashable, Sendable {
        /// firewalld would drop every direct rule.
        case fatal
        /// firewalld might drop every direct rule, or would ignore this element or misread it.
        case doubtful
    }

    package enum Kind: Hashable, Sendable {
        case missingAttribute(String, of: String)
        case unknownAttribute(String, of: String)
        case unknownFamily(String)
        case unknownTable(String, family: String)
        case notAPriority(String)
        /// An integer that doesn't fit into D-Bus type `i`, by which firewalld passes it on.
        case priorityOutOfRange(String)
        /// A quote without its end, or a backslash at the end.
        case unsplittableArguments
        /// firewalld ignores the element.
        case noArguments(String)
        /// The element creates a chain that is built in.
        case builtInChain(String)
        /// firewalld takes the second chain for the first.
        case duplicateChain(String)
        /// No element creates the chain of the rule.
        case undeclaredChain(String)
        /// The rule jumps to something that is neither a chain of its table nor a known target.
        case unknownTarget(String)
    }

    package var kind: Kind
    package var severity: Severity
    package var place: TextPlace
}

/// The chains and targets that exist without an element that creates them.
enum KnownNames {
    /// The built-in chains of each table in firewalld 1.3 (`BUILT_IN_CHAINS`).
    private static let tables: [String: [String]] = [
        "security": ["INPUT", "OUTPUT", "FORWARD"],
        "raw": ["PREROUTING", "OUTPUT"],
        "mangle": ["PREROUTING", "POSTROUTING", "INPUT", "OUTPUT", "FORWARD"],
        "nat": ["PREROUTING", "POSTROUTING", "OUTPUT"],
        "filter": ["INPUT", "OUTPUT", "FORWARD"],
    ]

    private static let bridgeTables: [String: [String]] = [
        "broute": ["BROUTING"],
        "nat": ["PREROUTING", "POSTROUTING", "OUTPUT"],
        "filter": ["INPUT", "OUTPUT", "FORWARD"],
    ]

    /// Returns the built-in chains by table; nil for a family that firewalld doesn't have.
    static func tables(of ipv: String) -> [String: [String]]? {
        switch ipv {
        case "ipv4", "ipv6": tables
        case "eb": bridgeTables
        case _: nil
        }
    }

    /// Verdicts, and the targets of iptables-extensions(8) and ebtables(8).
    static let targets: Set<String> = [
        "ACCEPT", "AUDIT", "CHECKSUM", "CLASSIFY", "CLUSTERIP", "CONNMARK", "CONNSECMARK",
        "CONTINUE", "CT", "DNAT", "DNPT", "DROP", "DSCP", "ECN", "HL", "HMARK", "IDLETIMER", "LED",
        "LOG", "MARK", "MASQUERADE", "NETMAP", "NFLOG", "NFQUEUE", "NOTRACK", "QUEUE", "RATEEST",
        "REDIRECT", "REJECT", "RETURN", "SECMARK", "SET", "SNAT", "SNPT", "SYNPROXY", "TCPMSS",
        "TCPOPTSTRIP", "TEE", "TOS", "TPROXY", "TRACE", "TTL", "ULOG", "arpreply", "dnat", "mark",
        "redirect", "snat",
    ]
}
