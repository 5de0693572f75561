import Diagnostics
import HostChange

extension Diagnostic {
    /// The rules are loaded as they should be, and libnftables did not do it.
    static func submittedByNetlink(_ reason: String) -> Diagnostic {
        Diagnostic(
            .note, id: "submitted-by-netlink",
            "\(reason); the rules were submitted as netlink messages",
            help: "leave --submit out, or give --submit netlink")
    }

    /// Connections that may be reset, told before the rules are loaded.
    static func connectionsNotKept(_ problem: PreparedConnections.Problem) -> Diagnostic {
        let help = "load the module nf_conntrack_netlink before rules are loaded"
        return switch problem {
        case .unlisted(let reason):
            Diagnostic(
                .warning, id: "connections-not-kept",
                "open connections may be reset: can't list sockets (\(reason))",
                help: "load the modules inet_diag and tcp_diag before rules are loaded")
        case .refused(let count, let reason):
            Diagnostic(
                .warning, id: "connections-not-kept",
                "\(count) open \(count == 1 ? "connection" : "connections") may be reset:"
                    + " conntrack takes no entry (\(reason))", help: help)
        }
    }
}
