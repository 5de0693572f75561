import Addressing
import RuleIR

/// The sets of a table, and how a rule asks for the members of each.
struct SetLowering {
    private(set) var sets: [NftSet] = []
    private var names: Set<String> = []
    private var questions: [SetName: Question] = [:]

    /// How a rule asks whether a packet's value is a member.
    private enum Question {
        case lookup(String)
        /// One set for each protocol that has members.
        case flows([(TransportProtocol, String)])
    }

    init(_ sets: [NamedSet]) {
        for set in sets { add(set) }
    }

    private mutating func add(_ set: NamedSet) {
        switch set.members {
        case .addresses(let family, let members):
            let name = add(
                set.name.text, [family == .ipv4 ? .ipv4Address : .ipv6Address],
                AddressRange.merging(members.map(\.value.range)).map { .addresses($0) })
            questions[set.name] = .lookup(name)
        case .ports(let members):
            let name = add(
                set.name.text, [.port], PortRange.merging(members.map(\.value)).map { .ports($0) })
            questions[set.name] = .lookup(name)
        case .ownedFlows(let members):
            let rectangles = FlowRectangles(members.map(\.value)).rectangles
            var flows: [(TransportProtocol, String)] = []
            for transport in TransportProtocol.allCases {
                let own = rectangles.filter { $0.transport == transport }
                guard !own.isEmpty else { continue }
                let name = add(
                    transport.setName(set.name), [.owner, .port],
                    own.map { .flow($0.owners, $0.ports) })
                flows.append((transport, name))
            }
            questions[set.name] = .flows(flows)
        }
    }

    /// Adds a set and says what it is called: a set of the IR may have the name of another's part.
    private mutating func add(
        _ wanted: String, _ types: [NftType], _ elements: [NftElement]
    ) -> String {
        var name = wanted
        while !names.insert(name).inserted { name += "_" }
        sets.append(NftSet(types: types, name: name, isInterval: true, elements: elements))
        return name
    }

    /// The matches that ask `operand` for a member of the set: those of one of the lists must hold.
    ///
    /// No packet meets two of the lists.
    func alternatives(
        _ operand: NftOperand, isNegated: Bool = false, _ name: SetName
    ) -> [[NftStatement]] {
        guard case .lookup(let set) = questions[name] else { return [] }
        return [[.match(operand, isNegated: isNegated, .set(set))]]
    }

    /// The same for an owner and a port; `transport` is the protocol that the rule is for.
    func flowAlternatives(
        _ name: SetName, _ transport: TransportProtocol?
    ) -> [[NftStatement]] {
        guard case .flows(let flows) = questions[name] else { return [] }
        return flows.filter { transport == nil || transport == $0.0 }.map { own, set in
            [.match(.ownedFlow(own), isNegated: false, .set(set))]
        }
    }
}

extension TransportProtocol {
    /// Ends the name of a set that is for this protocol.
    private var mark: String { "_\(rawValue)" }

    /// The name of the part of a set of the IR that is for this protocol.
    ///
    /// A part that was read back is its own part.
    fileprivate func setName(_ name: SetName) -> String {
        name.text.hasSuffix(mark) ? name.text : name.text + mark
    }

    /// The protocols that a set of owners and ports is for: as its name says, if it does.
    static func those(ofSet name: String) -> [TransportProtocol] {
        let named = allCases.filter { name.hasSuffix($0.mark) }
        return named.isEmpty ? allCases : named
    }
}
