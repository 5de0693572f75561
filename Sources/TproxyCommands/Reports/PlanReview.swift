import Addressing
import Diagnostics
import HostFacts
import Review
import RuleIR
import RuleTrace
import TproxyConfig
import TproxyOperations

extension Review {
    /// The number of items of a list that a page shows.
    private static let itemLimit = 20

    /// Creates the page of a plan.
    ///
    /// `state` has the loaded rules, and `preflight` the findings on the host, if they are known.
    init(
        _ plan: Plan, _ choice: BackendChoice, _ state: PlanState, preflight: [Diagnostic]?,
        _ making: Making
    ) throws {
        let (name, digest) = try plan.identity(for: choice)
        let effective = EffectiveConfiguration(plan.config)
        let origins = OriginIndex(effective)
        self.init(
            making: making, name: name, digest: digest,
            ruleset: choice.placement.evaluated(of: plan.ruleset),
            flow: try plan.flow(for: choice), proxyUser: plan.proxyUser,
            addresses: ExplainSubject(plan).proxy.addresses,
            settings: effective.rows(itemLimit: Self.itemLimit).map(Row.init),
            changedSettings: effective.changedRows(itemLimit: Self.itemLimit).map(Row.init),
            facts: plan.facts.reviewRows, warnings: plan.warnings + plan.refusals(for: choice),
            preflight: preflight, changes: ReviewChanges(plan, choice, name, state),
            traffic: ReviewTraffic(
                TrafficReport(try plan.trafficChanges(from: state, by: choice.placement))),
            originOf: { origins.origin(of: $0)?.description ?? "default" })
    }
}

extension Review.Row {
    fileprivate init(_ row: ConfigurationKey.Row) {
        self.init(name: row.path, value: row.value, origin: row.origin.description)
    }
}

extension ReviewTraffic {
    init(_ report: TrafficReport) {
        self.init(
            isKnown: report.isKnown,
            changes: report.changes.map { change in
                Change(
                    pattern: change.pattern, before: change.before, after: change.after,
                    example: change.example.text,
                    question: change.states.contains("new") ? change.example.question : nil)
            },
            doubts: report.doubts)
    }
}

extension PacketLine.Fields {
    /// The fields under the names of explain's options.
    fileprivate var question: [(name: String, value: String)] {
        var fields = [("direction", direction), ("proto", proto)]
        if let uid { fields.append(("uid", uid)) }
        if from != "0.0.0.0", from != "::" { fields.append(("from", from)) }
        return (fields + [("to", to), ("interface", interface)]).map { (name: $0.0, value: $0.1) }
    }
}

extension HostFacts {
    /// The facts as text.
    var reviewRows: [Review.Row] {
        let servers = resolvers.map(\.description).joined(separator: ", ")
        return [
            Review.Row(
                name: "proxy user", value: "\(proxyUser)",
                origin: "its own traffic bypasses the proxy"),
            Review.Row(
                name: "loopback interface", value: "\(loopback)",
                origin: "local traffic uses it"),
            Review.Row(
                name: "own addresses",
                value: addresses.map {
                    $0.map { "\($0.address) on \($0.interface)" }.joined(separator: ", ")
                } ?? "unknown", origin: "a packet to one of them stays on the host"),
            Review.Row(
                name: "DNS servers", value: servers.isEmpty ? "none" : servers,
                origin: "the nameserver lines of resolv.conf"),
            Review.Row(
                name: "IPv6", value: ipv6.isUsable ? "usable" : "not usable", origin: ipv6.reason),
            Review.Row(
                name: "Docker's DNS rules", value: hasDockerDNSChain ? "present" : "absent",
                origin: "chain DOCKER_OUTPUT in this network namespace"),
        ]
    }
}
