import Foundation

/// Whether tests may load rules here.
///
/// A fresh network namespace has one interface, `lo`; a host has more. This check keeps `swift
/// test` from changing a developer's firewall.
package enum PrivateNamespace {
    package static let isHere: Bool = {
        let table = (try? String(contentsOfFile: "/proc/self/net/dev", encoding: .utf8)) ?? ""
        return table.split(separator: "\n").dropFirst(2).count == 1
    }()

    /// Whether a test that is skipped because it has no namespace counts as a failure (CI).
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
