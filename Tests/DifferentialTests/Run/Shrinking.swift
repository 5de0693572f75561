import ConfigurationGenerator
import Rehearsal
import RuleTrace
import TproxyTestSupport

/// Finds the smallest configuration and packet with which a host still disagrees, with real
/// packets.
struct Shrinking {
    /// A reload of firewalld takes a second.
    private static let most: [HostUnderTest: Int] = [.firewalld: 80]

    private(set) var smallest: Disagreement
    private var tried = 0

    /// Nil if the packet alone has the right outcome: then its batch matters.
    init?(_ found: Disagreement) throws {
        smallest = found
        let isReproduced = try StandingRehearsal.run(networks: ConfigurationGenerator.networks) {
            rehearsal in
            try found.host.with { loader in
                try shrink(&rehearsal, loader)
            }
        }
        guard isReproduced else { return nil }
    }

    private mutating func shrink(
        _ rehearsal: inout StandingRehearsal, _ loader: any RulesLoader
    ) throws -> Bool {
        guard
            let first = try again(smallest.plan.configuration, packet, &rehearsal, loader)
        else { return false }
        smallest = first
        while let smaller = try smaller(&rehearsal, loader) { smallest = smaller }
        return true
    }

    private var packet: Packet? {
        if case .landed(let result, _) = smallest.kind { result.path.packet } else { nil }
    }

    private mutating func smaller(
        _ rehearsal: inout StandingRehearsal, _ loader: any RulesLoader
    ) throws -> Disagreement? {
        for configuration in smallest.plan.configuration.reductions {
            if let found = try again(configuration, packet, &rehearsal, loader) { return found }
        }
        for plainer in packet?.plainer ?? [] {
            if let found = try again(
                smallest.plan.configuration, plainer, &rehearsal, loader)
            {
                return found
            }
        }
        return nil
    }

    /// The disagreement about another configuration or packet, if there is one.
    private mutating func again(
        _ configuration: GeneratedConfiguration, _ packet: Packet?,
        _ rehearsal: inout StandingRehearsal, _ loader: any RulesLoader
    ) throws -> Disagreement? {
        tried += 1
        guard tried <= Self.most[smallest.host] ?? 400 else { return nil }
        var found = smallest
        found.plan = try GeneratedPlan(configuration)
        do {
            try loader.load(found.plan.ruleset)
        } catch {
            found.kind = .refused("\(error)")
            return packet == nil ? found : nil
        }
        guard let packet, case .landed(let result, _) = found.kind else { return nil }
        var path = result.path
        path.packet = packet
        let explanation = RuleTrace(found.plan.ruleset).explain(packet)
        guard let again = try rehearsal.send([path], found.plan.setting).first,
            !again.isAsExpected(explanation)
        else { return nil }
        found.kind = .landed(again, explanation)
        return found
    }
}

extension Packet {
    /// Simpler packets: a plain source or port, an ordinary owner.
    fileprivate var plainer: [Packet] {
        func changed(_ change: (inout Packet) -> Void) -> Packet? {
            var packet = self
            change(&packet)
            return packet == self ? nil : packet
        }
        return [
            changed { $0.destinationPort = .service },
            changed { if $0.direction == .outgoing { $0.owner = .arbitrary } },
            changed {
                if $0.direction == .incoming, $0.interface == .ethernet {
                    $0.source = .documentation($0.family)
                }
            },
        ].compactMap(\.self)
    }
}
