import Addressing
import Foundation
import RuleTrace
import TproxyTestSupport

/// A question about a packet, by the names of explain's options.
struct Question: Sendable, CustomStringConvertible {
    /// The fields; one that isn't given has its default.
    var fields: [String: String]

    init(_ fields: [String: String]) {
        self.fields = fields
    }

    /// The question for a packet, without defaults.
    init(_ packet: Packet) {
        let isIPv6 = packet.family == .ipv6
        func endpoint(_ address: IPAddress, _ port: Addressing.Port?) -> String {
            guard let port else { return "\(address)" }
            return isIPv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
        }
        fields = [
            "direction": packet.direction == .outgoing ? "out" : "in",
            "proto": packet.transport.rawValue,
            "to": endpoint(packet.destination, packet.destinationPort),
            "from": endpoint(packet.source, packet.sourcePort),
            "interface": "\(packet.interface)",
        ]
        if packet.direction == .outgoing {
            fields["uid"] = packet.owner.map { "\($0)" } ?? "none"
        }
    }

    var description: String { arguments.joined(separator: " ") }

    /// The packet as a line of `explain --packets`.
    var line: String {
        let words = ["uid", "from", "to", "port", "interface"].compactMap { name in
            fields[name].map { "\(name)=\($0)" }
        }
        return ([fields["direction"] ?? "out", fields["proto"] ?? "tcp"] + words)
            .joined(separator: " ")
    }

    /// The arguments of the command.
    var arguments: [String] {
        fields.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
    }

    /// The fragment of a link.
    var fragment: String {
        var components = URLComponents()
        components.queryItems = fields.sorted { $0.key < $1.key }.map {
            URLQueryItem(name: $0.key, value: $0.value)
        }
        return "explain?" + (components.percentEncodedQuery ?? "")
    }
}

/// What the page shows for a question.
struct PageAnswer: Decodable, Equatable, Sendable {
    struct Step: Decodable, Equatable, Sendable {
        var place: String
        var rule: String
        var reason: String
    }

    /// The entries of the list: packet, outcome, because, key, zone, command.
    var facts: [String: String]
    var steps: [Step]
    /// The errors of the fields, by name.
    var problems: [String: String]

    /// Reads the answer from the page.
    static let reading = """
        (() => {
            const text = (one) => one.textContent;
            const terms = [...document.querySelectorAll("#answer dt")];
            const steps = [...document.querySelectorAll("#answer li")];
            const problems = [...document.querySelectorAll(".problem")];
            return {
                facts: Object.fromEntries(
                    terms.map((term) => [text(term), text(term.nextElementSibling)])),
                steps: steps.map((step) => Object.fromEntries(
                    ["place", "rule", "reason"].map((part) =>
                        [part, text(step.querySelector("." + part))]))),
                problems: Object.fromEntries(
                    problems.filter((one) => text(one) !== "")
                        .map((one) => [one.id.replace("-problem", ""), text(one)])),
            };
        })()
        """

    /// Writes the line of each question and presses the button; returns the answers.
    static func asking(_ questions: [Question]) throws -> String {
        try asking(lines: questions.map(\.line))
    }

    /// Writes each line and presses the button; returns the answers.
    static func asking(lines: [String]) throws -> String {
        let list = String(decoding: try JSONEncoder().encode(lines), as: UTF8.self)
        return """
            \(list).map((line) => {
                const form = document.getElementById("packet");
                form.elements.line.value = line;
                form.requestSubmit();
                return \(reading);
            })
            """
    }
}

/// The parts of `tproxy explain --output json` that the page shows as well.
struct CommandAnswer: Decodable {
    struct Step: Decodable {
        var place: String
        var condition: String
        var action: String
        var reason: String
        var key: String
        var origin: String
    }

    struct Diagnostic: Decodable {
        var id: String
        var message: String
    }

    var diagnostics: [Diagnostic]
    var packet: String
    var outcome: String
    var port: Int?
    var conntrackZone: Int
    var deciding: Step?
    var steps: [Step]

    /// The answer of the page to the question of `command`.
    func asPage(command: String?, note: String? = nil) -> PageAnswer {
        var facts = ["packet": packet]
        facts["outcome"] =
            switch outcome {
            case "redirected": "redirected to port \(port ?? 0) of this host"
            case "dropped": "dropped"
            case _: "\(outcome): not redirected"
            }
        facts["because"] =
            deciding.map { "\($0.reason) (\($0.place))" } ?? "no rule is about it"
        facts["key"] = deciding.map { "\($0.key), \($0.origin)" }
        if conntrackZone != 0 { facts["zone"] = "conntrack zone \(conntrackZone)" }
        facts["command"] = command
        facts["note"] = note
        return PageAnswer(
            facts: facts,
            steps: steps.map {
                PageAnswer.Step(
                    place: $0.place, rule: "\($0.condition): \($0.action)",
                    reason: "\($0.reason) [\($0.key)]")
            }, problems: [:])
    }
    /// The note that the packet has another destination on the wire, as the page shows it.
    var note: String? {
        guard let text = diagnostics.first(where: { $0.id == "other-destination" })?.message
        else { return nil }
        return text.firstRange(of: "a packet to ").map { String(text[$0.lowerBound...]) }
    }
}
