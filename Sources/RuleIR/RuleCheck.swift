package import Addressing

extension Rule {
    /// Throws the first problem of this rule at its location.
    func check(
        at location: RuleLocation, hooks: Set<Hook>, stage: Stage, in ruleset: Ruleset
    ) throws(RulesetProblem) {
        guard rationale.isPlainText else { throw .unprintableRationale(at: location) }
        try checkMatches(at: location, hooks: hooks, stage: stage, in: ruleset)
        try checkAction(at: location, stage: stage)
        let families = Set(matches.compactMap(\.family))
        guard families.count < 2 else { throw .mixedFamilies(at: location) }
    }

    private func checkAction(at location: RuleLocation, stage: Stage) throws(RulesetProblem) {
        switch action {
        // `checkJumps` checks the stage of a jump's target.
        case .return, .log, .yieldToDockerDNS, .jump: break
        case .redirect:
            guard stage == .nat, transport != nil else { throw .misplacedAction(at: location) }
        case .drop:
            guard stage == .mangle else { throw .misplacedAction(at: location) }
        case .conntrackZone:
            guard stage == .raw else { throw .misplacedAction(at: location) }
        }
    }

    private func checkMatches(
        at location: RuleLocation, hooks: Set<Hook>, stage: Stage, in ruleset: Ruleset
    ) throws(RulesetProblem) {
        for match in matches {
            switch match {
            case .family, .transport: break
            case .source(let test), .destination(let test):
                if case .set(let name, let family) = test.addresses {
                    guard let set = ruleset.set(named: name) else {
                        throw .unknownSet(name, at: location)
                    }
                    guard case .addresses(family, _) = set.members else {
                        throw .wrongSetKind(name, at: location)
                    }
                }
            case .sourcePort(let test), .destinationPort(let test):
                guard transport != nil else { throw .portWithoutTransport(at: location) }
                if case .set(let name) = test {
                    guard let set = ruleset.set(named: name) else {
                        throw .unknownSet(name, at: location)
                    }
                    guard case .ports = set.members else {
                        throw .wrongSetKind(name, at: location)
                    }
                }
            case .inputInterface:
                guard !hooks.contains(.output) else { throw .misplacedMatch(at: location) }
            case .outputInterface, .owner:
                guard !hooks.contains(.prerouting) else { throw .misplacedMatch(at: location) }
            case .ownedFlow(let name):
                guard !hooks.contains(.prerouting) else { throw .misplacedMatch(at: location) }
                guard let set = ruleset.set(named: name) else {
                    throw .unknownSet(name, at: location)
                }
                guard case .ownedFlows = set.members else {
                    throw .wrongSetKind(name, at: location)
                }
            case .connectionState:
                guard stage != .raw else { throw .misplacedMatch(at: location) }
            }
        }
    }
}

extension Match {
    /// The one family that the match holds for; nil if it isn't limited to one.
    package var family: AddressFamily? {
        switch self {
        case .family(let family): family
        case .source(let test), .destination(let test): test.family
        case .transport, .sourcePort, .destinationPort, .inputInterface, .outputInterface, .owner,
            .ownedFlow, .connectionState:
            nil
        }
    }
}

extension Rationale {
    /// Whether the text is printable ASCII without characters that any output must escape.
    fileprivate var isPlainText: Bool {
        (reason + key).utf8.allSatisfy { byte in
            (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"")
                && byte != UInt8(ascii: "\\")
        }
    }
}
