import Addressing
import IptablesBackend
import IptablesRules
import LinuxHost
import NftablesBackend
import RuleIR
import TproxyConfig

/// A shell script that loads a plan without tproxy, with the result of `apply`.
package struct LoadingScript {
    package let text: String

    /// Creates the script for a backend; throws if the backend can't express the rules.
    package init(_ plan: Plan, _ choice: BackendChoice) throws(OperationFailure) {
        let name = plan.backends.expectedName(of: choice)
        guard name.placement != .sockets else { throw OperationFailure(.noScript(name.text)) }
        let identity = try plan.identity(for: choice)
        let families = plan.ruleset.families.map(\.displayName).joined(separator: " and ")
        var lines = [
            "#!/bin/sh",
            "# \(identity.name) for \(families), made by tproxy \(tproxyVersion)",
            "# digest \(identity.digest)",
        ]
        let load: Load =
            try name.placement.isShared
            ? Self.iptables(plan, name) : Self.nftables(plan)
        lines += ["# \(load.condition)", "set -eu"] + load.checks + ["undo() { :; }"]
        for prerequisite in plan.ruleset.prerequisites { lines += Self.making(prerequisite) }
        text = (lines + load.commands).joined(separator: "\n") + "\n"
    }

    /// The part that differs between backends.
    private struct Load {
        /// When the script may be run.
        var condition: String
        /// Commands that change nothing, and fail if those that load would fail.
        var checks: [String]
        var commands: [String]
    }

    private static let failure = "|| { undo; exit 1; }"

    private static func nftables(_ plan: Plan) throws(OperationFailure) -> Load {
        let text = try plan.nftables().text(owning: plan.ruleset.prerequisites)
        return Load(
            condition: "run it as root; it replaces the table if it is loaded", checks: [],
            commands: ["nft -f - <<'END' \(failure)"] + lines(of: text) + ["END"])
    }

    private static func iptables(
        _ plan: Plan, _ name: BackendName
    ) throws(OperationFailure) -> Load {
        let documents: [(family: AddressFamily, text: String)]
        do throws(RulesetProblem) {
            documents = try IptablesEmitter.loading(
                plan.ruleset, version: tproxyVersion, owning: plan.ruleset.prerequisites)
        } catch {
            throw OperationFailure(BackendError.invalidRuleset(error).diagnostic)
        }
        var functions: [String] = []
        var tests: [String] = []
        var loads: [String] = []
        for (family, text) in documents {
            functions += ["\(family.rawValue)() { cat <<'END'"] + lines(of: text) + ["END", "}"]
            let command = "\(family.rawValue) | \(program(family, name, plan.config)) --noflush"
            tests.append("\(command) --test")
            loads.append("\(command) \(failure)")
        }
        return Load(
            condition: "run it as root, where neither tproxy nor kumactl has loaded rules",
            checks: functions + tests, commands: loads)
    }

    /// Returns the user's program for restoring a family's rules, or the usual one of the flavour.
    private static func program(
        _ family: AddressFamily, _ name: BackendName, _ config: TproxyConfig
    ) -> String {
        let paths = config.iptablesExecutables.value.paths
        switch family {
        case .ipv4: return ShellWord.quoted(paths[.iptablesRestore] ?? "\(name.text)-restore")
        case .ipv6:
            // The name begins with "iptables".
            return ShellWord.quoted(
                paths[.ip6tablesRestore] ?? "ip6\(name.text.dropFirst(2))-restore")
        }
    }

    /// Returns the commands that make a prerequisite, and prepare `undo`.
    private static func making(_ prerequisite: HostPrerequisite) -> [String] {
        switch prerequisite {
        case .address(let address):
            let isIPv6 = address.prefix.family == .ipv6
            let family = isIPv6 ? "-6" : "-4"
            // As an installation adds it: usable at once, without duplicate address detection.
            let marks = "metric \(LoopbackAddress.mark)\(isIPv6 ? " nodad" : "")"
            let interface = ShellWord.quoted(address.interface.text)
            let prefix = "\(address.prefix.address)/\(address.prefix.length)"
            return [
                "# The metric marks the address as tproxy's; delete another program's address first.",
                "if ! ip \(family) -o address show dev \(interface) to \(prefix)"
                    + " | grep -q ' metric \(LoopbackAddress.mark) '; then",
                "    ip \(family) address add \(prefix) dev \(interface) \(marks)",
                "    undo() { ip \(family) address delete \(prefix) dev \(interface); }",
                "fi",
            ]
        }
    }

    private static func lines(of document: String) -> [String] {
        let text = document.hasSuffix("\n") ? String(document.dropLast()) : document
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
