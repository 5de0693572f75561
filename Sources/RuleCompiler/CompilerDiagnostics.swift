import Addressing
import Diagnostics

extension Diagnostic {
    static func ipv6NotCaptured(because reason: String) -> Diagnostic {
        .warning(
            id: "ipv6-not-captured", "IPv6 traffic isn't captured: \(reason)",
            help: "set ipFamilyMode to 'ipv4' if that is meant")
    }

    static func noResolver(
        of family: AddressFamily, in path: String, at location: SourceLocation?
    ) -> Diagnostic {
        .warning(
            id: "no-resolver",
            "\(family.displayName) DNS isn't captured: '\(path)' names no \(family.displayName) server",
            at: location, help: "set redirect.dns.captureAll to capture DNS to every server")
    }

    static func noZoneSplitWithDocker() -> Diagnostic {
        .warning(
            id: "no-zone-split",
            "conntrack zones aren't split for IPv4, because Docker's DNS rules and redirect.dns.captureAll don't go together with it",
            help: "leave captureAll off in Docker containers")
    }
}
