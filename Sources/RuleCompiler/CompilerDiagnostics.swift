import Addressing
import Diagnostics

extension Diagnostic {
    static func ipv6NotRedirected(because reason: String) -> Diagnostic {
        .warning(
            id: "ipv6-not-redirected", "IPv6 traffic isn't redirected: \(reason)",
            help: "set ipFamilyMode to 'ipv4' if this is intended")
    }

    static func noResolver(
        of family: AddressFamily, in path: String, at location: SourceLocation?
    ) -> Diagnostic {
        .warning(
            id: "no-resolver",
            "\(family.displayName) DNS isn't redirected: '\(path)' lists no \(family.displayName) server",
            at: location, help: "set redirect.dns.captureAll to redirect DNS to every server")
    }

    static func noZoneSplitWithDocker() -> Diagnostic {
        .warning(
            id: "no-zone-split",
            "conntrack zones aren't split for IPv4: they conflict with Docker's DNS rules and redirect.dns.captureAll",
            help: "leave captureAll off in Docker containers")
    }
}
