import Foundation
import JSON
import TproxyTestSupport

/// A host or a pod with a route to others, on which `tproxy validate` runs.
struct ValidationHost {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    static let configuration = ["--kuma-dp-user", "5678", "--redirect-all-dns-traffic"]

    let sandbox: Sandbox
    /// A copy of the program, because other users may not read the checkout.
    private let folder: TestFolder

    static func with(_ body: (ValidationHost) async throws -> Void) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(
                """
                ip link add eth0 type veth peer name eth1
                ip link set eth0 up; ip link set eth1 up
                ip address add 10.9.0.2/24 dev eth0; ip -6 address add fd09::2/64 dev eth0 nodad
                ip route add default via 10.9.0.1; ip -6 route add default via fd09::1
                """)
            let folder = try TestFolder()
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: folder.url.path)
            try FileManager.default.copyItem(
                atPath: Command.tproxy, toPath: folder.path(of: "tproxy"))
            try await body(ValidationHost(sandbox: sandbox, folder: folder))
        }
    }

    func apply(_ arguments: [String] = configuration) async throws {
        let outcome = try await sandbox.tproxy(["apply", "--no-preflight"] + arguments)
        guard outcome.status == 0 else { throw Failed(description: outcome.errors) }
    }

    /// Runs the program as a user with no capability at all; nil is root with all of them.
    func run(_ arguments: [String], as user: Int? = nil) async throws -> Command.Outcome {
        guard let user else { return try await sandbox.tproxy(arguments) }
        return try await sandbox.run(
            "setpriv",
            [
                "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups",
                "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs",
                folder.path(of: "tproxy"),
            ] + arguments, in: "/")
    }

    /// The verdict on each path, by its name.
    func verdicts(
        _ arguments: [String] = configuration, as user: Int? = nil
    ) async throws -> (status: Int32, verdicts: [String: String], document: String) {
        let outcome = try await run(
            ["validate", "--timeout", "2", "--output", "json"] + arguments, as: user)
        let paths = try JSONValue(parsing: outcome.output)["paths"]?.array ?? []
        var verdicts: [String: String] = [:]
        for path in paths {
            verdicts[path["path"]?.string ?? ""] = path["verdict"]?.string
        }
        return (outcome.status, verdicts, outcome.output)
    }

    /// Deletes the rules of a chain whose listing contains all of `words`.
    func deleteRules(_ words: [String], in chain: String) async throws {
        let listing = try await sandbox.shell("nft -a list chain inet tproxy_mesh \(chain)")
        let handles = listing.split(separator: "\n").filter { line in
            words.allSatisfy { line.contains($0) }
        }.compactMap { $0.firstMatch(of: /# handle (\d+)$/)?.1 }
        guard !handles.isEmpty else {
            throw Failed(description: "no rule with \(words) in \(listing)")
        }
        for handle in handles {
            try await sandbox.shell("nft delete rule inet tproxy_mesh \(chain) handle \(handle)")
        }
    }
}
