import Addressing
import JSON
import RuleIR

extension Match {
    /// The subject of the match and its required value.
    var data: JSONValue {
        switch self {
        case .family(let family): ["family", .string(family.rawValue)]
        case .transport(let transport): ["transport", .string(transport.rawValue)]
        case .source(let test): ["source", test.data]
        case .destination(let test): ["destination", test.data]
        case .sourcePort(let test): ["sourcePort", test.data]
        case .destinationPort(let test): ["destinationPort", test.data]
        case .inputInterface(let pattern): ["inputInterface", .string(pattern.description)]
        case .outputInterface(let pattern): ["outputInterface", .string(pattern.description)]
        case .owner(.is(let user)): ["owner", .number(Int(user.number))]
        case .owner(.isNot(let user)): ["ownerIsNot", .number(Int(user.number))]
        case .ownedFlow(let name): ["ownedFlow", .string(name.text)]
        case .connectionState(let state): ["connectionState", .string(state.rawValue)]
        }
    }
}

extension AddressTest {
    fileprivate var data: JSONValue {
        let (name, value) =
            switch addresses {
            case .prefix(let prefix): ("prefix", prefix.description)
            case .set(let name, _): ("set", name.text)
            }
        return .object([
            name: .string(value), "family": .string(family.rawValue), "isNegated": .bool(isNegated),
        ])
    }
}

extension PortTest {
    fileprivate var data: JSONValue {
        switch self {
        case .port(let port): ["port": .number(Int(port.number))]
        case .set(let name): ["set": .string(name.text)]
        }
    }
}

extension Action {
    /// The action and its argument.
    var data: JSONValue {
        switch self {
        // Docker's rules run after ours, and the page doesn't evaluate them.
        case .return, .yieldToDockerDNS: ["return"]
        case .jump(let name): ["jump", .string(name.text)]
        case .redirect(let port): ["redirect", .number(Int(port.number))]
        case .drop: ["drop"]
        case .log: ["log"]
        case .conntrackZone(let zone): ["zone", .number(Int(zone))]
        }
    }
}
