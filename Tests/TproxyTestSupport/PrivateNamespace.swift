import Foundation

/// Whether tests may load rules here.
///
/// A fresh network namespace has one interface, `lo`; a host has more. The check is what keeps
/// `swift test` from rewriting a developer's firewall.
package enum PrivateNamespace {
    package static let isHere: Bool = {
        let table = (try? String(contentsOfFile: "/proc/self/net/dev", encoding: .utf8)) ?? ""
        return table.split(separator: "\n").dropFirst(2).count == 1
    }()

    /// True when a test that is skipped for want of a namespace is a failure (CI).
    package static let isRequired =
        ProcessInfo.processInfo.environment["REQUIRE_NETNS"] == "1"

    package struct NotPrivate: Error, CustomStringConvertible {
        package let description =
            "this network namespace is not private: run the tests with 'make test-netns'"
    }

    /// Throws unless rules may be loaded here.
    package static func require() throws {
        guard isHere else { throw NotPrivate() }
    }
}
