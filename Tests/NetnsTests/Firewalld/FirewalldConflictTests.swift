import Testing
import TproxyTestSupport

/// Conflicts between firewalld and our rules are reported before they happen.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct FirewalldConflictTests {
    private static let export = ["export", "firewalld", "--facts", "-"]

    private static func apply(_ backend: String) -> [String] {
        ["apply", "--backend", backend, "--facts", "-"]
    }

    @Test func rulesAreNeverLoadedByTwoBackends() async throws {
        try await FirewalldRig.with(.nftables) { rig in
            let facts = ApplyTests.facts
            try await rig.start()
            let native = try await rig.host.tproxy(Self.apply("nft"), input: facts)
            #expect(native.status == 0, "\(native.errors)")
            #expect(native.errors.contains("[firewalld-rejects-ipv6]"), "\(native.errors)")
            for more in [[], ["--reload"]] {
                let refused = try await rig.host.tproxy(Self.export + more, input: facts)
                #expect(refused.status == 1)
                #expect(refused.errors.contains("[other-backend]"), "\(refused.errors)")
                #expect(try await rig.directXML() == nil)
            }

            _ = try await rig.host.tproxy(["remove"])
            let stored = try await rig.host.tproxy(Self.export, input: facts)
            #expect(stored.status == 0, "\(stored.errors)")
            for backend in ["nft", "iptables-legacy"] {
                let refused = try await rig.host.tproxy(Self.apply(backend), input: facts)
                #expect(refused.status == 1)
                #expect(refused.errors.contains("[stored-for-firewalld]"), "\(refused.errors)")
            }
            #expect(!(try await rig.host.shell("nft list tables")).contains("tproxy"))

            // In firewalld's own flavour they exist once, whichever program loads them.
            let same = try await rig.host.tproxy(Self.apply("iptables-nft"), input: facts)
            #expect(same.status == 0, "\(same.errors)")
            #expect(!same.errors.contains("[stored-rules-differ]"), "\(same.errors)")
            let other = try await rig.host.tproxy(
                Self.apply("iptables-nft") + ["--redirect-outbound-port", "15099"], input: facts)
            #expect(other.errors.contains("[stored-rules-differ]"), "\(other.errors)")
        }
    }

    /// Follows the remedy that the refusal names.
    @Test func remedyOfTheRefusalRemovesStoredRules() async throws {
        try await FirewalldRig.with(.iptables) { rig in
            try await rig.start()
            _ = try await rig.host.tproxy(Self.export + ["--reload"], input: ApplyTests.facts)
            let removed = try await rig.host.tproxy(["remove", "--store-firewalld"])
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(try await rig.directXML() == nil)
            let native = try await rig.host.tproxy(Self.apply("nft"), input: ApplyTests.facts)
            #expect(native.status == 0, "\(native.errors)")
            try await rig.reload()
            #expect(try await rig.host.tproxy(["status"]).status == 0)
        }
    }

    @Test func reloadFlushesRulesThatAreNotStored() async throws {
        try await FirewalldRig.with(.nftables) { rig in
            try await rig.start()
            let applied = try await rig.host.tproxy(
                Self.apply("iptables-nft"), input: ApplyTests.facts)
            #expect(applied.errors.contains("[firewalld-flushes]"), "\(applied.errors)")
            #expect(try await rig.host.tproxy(["status"]).status == 0)
            try await rig.reload()
            #expect(
                try await rig.host.tproxy(["status"]).status == 1,
                "status still finds the rules that firewalld flushed")
        }
    }

    @Test func storingWithoutFirewalldWarns() async throws {
        try await FirewalldRig.with(.nftables) { rig in
            try await rig.host.shell("mount --bind /dev/null $(command -v firewall-cmd)")
            let stored = try await rig.host.tproxy(Self.export, input: ApplyTests.facts)
            #expect(stored.status == 0, "\(stored.errors)")
            #expect(stored.errors.contains("[no-firewalld]"), "\(stored.errors)")
            #expect(try await rig.directXML()?.contains("KUMA_MESH_OUTBOUND") == true)
        }
    }

    /// A host's firewalld has nothing to do with the namespace of a pod.
    @Test func firewalldOfAnotherNamespaceIsIgnored() async throws {
        try await FirewalldRig.with(.nftables) { rig in
            try await rig.write("FirewallBackend=nftables\nRFC3964_IPv4=no\n", to: "firewalld.conf")
            try await rig.start()
            _ = try await rig.host.tproxy(Self.export, input: ApplyTests.facts)
            let enter = [
                "--net", "sh", "-c", "ip link set lo up; exec \"$@\"", "sh", Command.tproxy,
            ]
            let applied = try await rig.host.run(
                "unshare", enter + Self.apply("nft") + ["--no-preflight"], input: ApplyTests.facts)
            #expect(applied.status == 0, "\(applied.errors)")
            #expect(applied.errors.isEmpty, "\(applied.errors)")
            let before = try await rig.directXML()
            let reloaded = try await rig.host.run(
                "unshare", enter + Self.export + ["--reload", "--remove"])
            #expect(reloaded.status == 1)
            #expect(reloaded.errors.contains("[firewalld-elsewhere]"), "\(reloaded.errors)")
            #expect(try await rig.directXML() == before)
        }
    }
}
