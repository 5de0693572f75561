import Addressing
import RuleIR

/// Renders a table as nft(8) text.
struct NftText {
    private var lines: [String] = []

    /// Renders text that `nft -f` loads in place of a table of the same name, if there is one.
    init(_ table: NftTable) {
        lines = [
            "table inet \(table.name)", "delete table inet \(table.name)",
            "table inet \(table.name) {",
        ]
        for set in table.sets {
            add(set)
            lines.append("")
        }
        for (index, chain) in table.chains.enumerated() {
            add(chain)
            if index < table.chains.count - 1 { lines.append("") }
        }
        lines.append("}")
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    private mutating func add(_ set: NftSet) {
        lines.append("\tset \(set.name) {")
        lines.append("\t\ttype \(set.types.map(\.rawValue).joined(separator: " . "))")
        if set.isInterval { lines.append("\t\tflags interval") }
        if !set.elements.isEmpty {
            let elements = set.elements.map(\.text).joined(separator: ",\n\t\t\t     ")
            lines += "\t\telements = { \(elements) }".split(separator: "\n").map(String.init)
        }
        lines.append("\t}")
    }

    private mutating func add(_ chain: NftChain) {
        lines.append("\tchain \(chain.name) {")
        if let base = chain.base {
            lines.append(
                "\t\ttype \(base.type) hook \(base.hook.rawValue) priority \(base.priority);"
                    + " policy accept;")
        }
        for rule in chain.rules {
            let comment = rule.comment.map { " comment \"\($0.withoutSyntax)\"" } ?? ""
            lines.append("\t\t" + rule.statements.map(\.text).joined(separator: " ") + comment)
        }
        lines.append("\t}")
    }
}

extension String {
    /// The text with `?` for each quote and control character, which nft cannot escape.
    ///
    /// Our strings contain neither.
    fileprivate var withoutSyntax: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0 == "\"" || $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 })
        )
    }
}

extension NftElement {
    fileprivate var text: String {
        switch self {
        case .addresses(let range): range.prefix.map { "\($0)" } ?? "\(range.first)-\(range.last)"
        case .ports(let range): "\(range)"
        case .flow(let owners, let ports): "\(owners) . \(ports)"
        case .note(let number, let comment): "\(number) comment \"\(comment.withoutSyntax)\""
        }
    }
}

extension NftStatement {
    fileprivate var text: String {
        switch self {
        case .match(let operand, let isNegated, let value):
            "\(operand.text) \(isNegated ? "!= " : "")\(value.text)"
        case .counter: "counter packets 0 bytes 0"
        case .log(let prefix, let level):
            "log prefix \"\(prefix.rawValue)\" level \(level.nftName)"
        case .redirect(let port): "redirect to :\(port)"
        case .setZone(let zone): "ct zone set \(zone)"
        case .return: "return"
        case .accept: "accept"
        case .drop: "drop"
        case .jump(let chain): "jump \(chain)"
        case .goto(let chain): "goto \(chain)"
        }
    }
}

extension NftOperand {
    fileprivate var text: String {
        switch self {
        case .nfproto: "meta nfproto"
        case .l4proto: "meta l4proto"
        case .sourceAddress(let family): "\(family.header) saddr"
        case .destinationAddress(let family): "\(family.header) daddr"
        case .sourcePort(let transport): "\(transport.rawValue) sport"
        case .destinationPort(let transport): "\(transport.rawValue) dport"
        case .inputInterface: "iifname"
        case .outputInterface: "oifname"
        case .owner: "meta skuid"
        case .connectionState: "ct state"
        case .ownedFlow(let transport, inIntervals: _): "meta skuid . \(transport.rawValue) dport"
        }
    }
}

extension NftValue {
    fileprivate var text: String {
        switch self {
        case .family(let family): family.rawValue
        case .transport(let transport): transport.rawValue
        case .prefix(let prefix): "\(prefix)"
        case .port(let port): "\(port)"
        case .ports(let ports): "\(ports)"
        case .user(let user): "\(user)"
        case .users(let users): "\(users)"
        case .interface(let pattern): "\"\(pattern.nftText)\""
        case .state(let state): state.rawValue
        case .set(let name): "@\(name)"
        }
    }
}
