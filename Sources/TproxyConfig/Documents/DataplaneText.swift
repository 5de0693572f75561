import Addressing

/// A Dataplane resource of Kuma with the settings of a configuration, as YAML.
package struct DataplaneText {
    /// Where Kuma's control plane keeps its resources.
    package enum Form: String, Sendable, CaseIterable {
        case universal
        case kubernetes
    }

    package var mesh: String
    package var name: String
    package var address: String

    package init(mesh: String, name: String, address: String) {
        self.mesh = mesh
        self.name = name
        self.address = address
    }

    /// Returns the resource; its proxy listens where the rules of `config` redirect to.
    package func text(of config: TproxyConfig, as form: Form) -> String {
        let mode =
            switch config.ipFamilyMode.value {
            case .dualstack: "DualStack"
            case .ipv4: "IPv4"
            }
        let networking = [
            "networking:",
            "  address: \(Self.quoted(address))",
            "  # Add 'inbound' with the ports of the service, or 'gateway'.",
            "  transparentProxying:",
            "    redirectPortInbound: \(config.redirect.inbound.port.value)",
            "    redirectPortOutbound: \(config.redirect.outbound.port.value)",
            "    ipFamilyMode: \(mode)",
        ]
        let lines =
            switch form {
            case .universal:
                ["type: Dataplane", "mesh: \(Self.quoted(mesh))", "name: \(Self.quoted(name))"]
                    + networking
            case .kubernetes:
                [
                    "apiVersion: kuma.io/v1alpha1", "kind: Dataplane",
                    "mesh: \(Self.quoted(mesh))", "metadata:", "  name: \(Self.quoted(name))",
                    "spec:",
                ] + networking.map { "  \($0)" }
            }
        return lines.map { $0 + "\n" }.joined()
    }

    /// Returns the text as a scalar in double quotes, unless it is a plain name.
    private static func quoted(_ text: String) -> String {
        let isName = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"): true
            case _: false
            }
        }
        guard
            !isName || text.isEmpty || ["yes", "no", "on", "off", "y", "n"].contains(text)
                || ["true", "false", "null"].contains(text) || text.hasPrefix("-")
        else { return text }
        var quoted = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\x" + (digits.count < 2 ? "0" : "") + digits
            case _: quoted.unicodeScalars.append(scalar)
            }
        }
        return "\"\(quoted)\""
    }
}
