package import RuleIR

extension HookAttachment {
    /// Creates the attachment of a built-in chain of iptables; nil for any other chain.
    ///
    /// The priorities of the tables are those of `enum nf_ip_hook_priorities`.
    package init?(builtIn chain: String, _ table: String, policy: String? = nil) {
        let hook: LoadedChain.Hook
        switch chain {
        case "PREROUTING": hook = .prerouting
        case "INPUT": hook = .input
        case "FORWARD": hook = .forward
        case "OUTPUT": hook = .output
        case "POSTROUTING": hook = .postrouting
        case _: return nil
        }
        let priority =
            switch table {
            case "raw": Stage.raw.priority
            case "mangle": Stage.mangle.priority
            // Source NAT runs after everything else.
            case "nat": hook == .postrouting || hook == .input ? 100 : Stage.nat.priority
            case "security": 50
            case _: 0
            }
        self.init(
            type: table == "nat" ? "nat" : "filter", hook: hook, priority: priority,
            policy: (policy ?? "ACCEPT").lowercased())
    }
}
