/// A listing of programs as text for people.
package struct ProgramText {
    private let listing: ProgramListing

    package init(_ listing: ProgramListing) {
        self.listing = listing
    }

    package var text: String {
        let parts = [head, programs, steps, rules, sets, maps]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
            .joined(separator: "\n\n") + "\n"
    }

    private var head: [String] { [listing.name, "digest \(listing.digest)"] }

    private var programs: [String] {
        let places = [
            "cgroup \(listing.cgroup ?? "the root of cgroup v2")",
            "netns the network namespace of apply",
            "links in \(listing.bpffs ?? "the host's BPF file system")",
        ]
        return ["programs, in the order in which they are attached"]
            + listing.programs.map {
                "    \(padded($0.name, 20))\(padded($0.hook, 14))\($0.attachedTo)"
            } + places.map { "  \($0)" }
    }

    private var steps: [String] {
        let inbound = listing.interface.map { " through \($0)" } ?? ""
        var lines = ["steps of outgoing connections and datagrams"]
        for step in listing.steps {
            if step.number == listing.inbound {
                lines += ["", "steps of incoming connections\(inbound)"]
            }
            lines.append("    \(padded("\(step.number)", 5))\(words(step))")
        }
        let ports = listing.proxyPorts.map(String.init).joined(separator: ", ")
        lines += ["", "the proxy's ports: \(ports.isEmpty ? "none" : ports)"]
        if let port = listing.inboundPort { lines.append("incoming connections: \(port)") }
        return lines
    }

    private func words(_ step: ProgramListing.Step) -> String {
        let rule = step.rule.map { ", rule \($0)" } ?? ""
        let next = step.next.map { "\($0)" } ?? ""
        return switch step.kind {
        case "test": padded(step.test ?? "", 42) + " else \(next)"
        case "goto": "continue at \(next)\(rule)"
        case "redirect": "redirect to port \(step.port ?? 0)\(rule)"
        case "bypass": "bypass\(rule)"
        case _: "end: bypass"
        }
    }

    private var rules: [String] {
        guard !listing.rules.isEmpty else { return [] }
        return ["rules, by the number of their counter"]
            + listing.rules.map { rule in
                let key = rule.key.isEmpty ? "" : " [\(rule.key)]"
                return "    \(padded("\(rule.number)", 5))\(rule.list) \(rule.position): "
                    + rule.reason + key
            }
    }

    private var sets: [String] {
        var lines: [String] = []
        for set in listing.addressSets {
            lines.append("address set \(set.number), @\(set.name)")
            lines += set.elements.map { "    \($0)" }
        }
        for set in listing.portSets {
            lines.append("port set \(set.number), @\(set.name)")
            lines += set.elements.map { "    \($0)" }
        }
        if !listing.flows.isEmpty {
            lines.append("flows, as protocol:ports:owners")
            lines += listing.flows.enumerated().map { "    \(padded("\($0)", 5))\($1)" }
        }
        return lines
    }

    private var maps: [String] {
        ["maps"]
            + listing.maps.map { map in
                let entries = map.entries.map { "\($0)" } ?? "-"
                return "    \(padded(map.name, 15))\(padded(map.type, 14))\(padded(entries, 8))"
                    + map.holds + (map.lasts ? " (stays)" : "")
            }
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
