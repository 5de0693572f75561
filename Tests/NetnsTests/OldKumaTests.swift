import Testing
import TproxyTestSupport

/// Rules of Kuma up to 2.1, whose chains have no prefix, beside foreign rules.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct OldKumaTests {
    /// Foreign rules, some of which resemble Kuma's.
    private static func plantOthers(_ flavour: String) -> String {
        """
        for tool in iptables-\(flavour) ip6tables-\(flavour); do
            run="$tool -t nat"
            $run -N MESH_INGRESS; $run -A MESH_INGRESS -p tcp --dport 7 -j RETURN
            $run -A OUTPUT -p tcp --dport 9 -m comment --comment 'about MESH_OUTBOUND' -j RETURN
            $run -A OUTPUT -p udp --dport 53 -m owner --uid-owner 7 -j RETURN
            $run -A PREROUTING -p tcp -j MESH_INGRESS
            $tool -t raw -A OUTPUT -p udp --dport 99 -j CT --zone 1
            $tool -A INPUT -p tcp --dport 15006 -j ACCEPT
        done
        """
    }

    /// The rules of Kuma 2.1 with `--redirect-dns`, `--exclude-inbound-ports 22` and zones.
    private static func plantKuma(_ flavour: String) -> String {
        """
        plant() {
            run="$1 -t nat"; from=$2; localhost=$3
            for chain in MESH_INBOUND MESH_OUTBOUND MESH_INBOUND_REDIRECT MESH_OUTBOUND_REDIRECT; do
                $run -N $chain
            done
            $run -A PREROUTING -p tcp -j MESH_INBOUND
            $run -A OUTPUT -p udp --dport 53 -m owner --uid-owner 5678 -j RETURN
            $run -A OUTPUT -p udp --dport 53 -j REDIRECT --to-ports 15053
            $run -A OUTPUT -p tcp -j MESH_OUTBOUND
            $run -A MESH_INBOUND -p tcp --dport 22 -j RETURN
            $run -A MESH_INBOUND -p tcp -j MESH_INBOUND_REDIRECT
            $run -A MESH_INBOUND_REDIRECT -p tcp -j REDIRECT --to-ports 15006
            $run -A MESH_OUTBOUND -s $from -o lo -j RETURN
            $run -A MESH_OUTBOUND -p tcp ! --dport 53 -o lo ! -d $localhost \\
                -m owner --uid-owner 5678 -j MESH_INBOUND_REDIRECT
            $run -A MESH_OUTBOUND -p tcp ! --dport 53 -o lo -m owner ! --uid-owner 5678 -j RETURN
            $run -A MESH_OUTBOUND -m owner --uid-owner 5678 -j RETURN
            $run -A MESH_OUTBOUND -p tcp --dport 53 -j REDIRECT --to-ports 15053
            $run -A MESH_OUTBOUND -d $localhost -j RETURN
            $run -A MESH_OUTBOUND -j MESH_OUTBOUND_REDIRECT
            $run -A MESH_OUTBOUND_REDIRECT -p tcp -j REDIRECT --to-ports 15001
            raw="$1 -t raw"
            $raw -A OUTPUT -p udp --dport 53 -m owner --uid-owner 5678 -j CT --zone 1
            $raw -A OUTPUT -p udp --sport 15053 -m owner --uid-owner 5678 -j CT --zone 2
            $raw -A OUTPUT -p udp --dport 53 -j CT --zone 2
            $raw -A PREROUTING -p udp --sport 53 -j CT --zone 1
        }
        plant iptables-\(flavour) 127.0.0.6/32 127.0.0.1/32
        plant ip6tables-\(flavour) ::6/128 ::1/128
        """
    }

    private static let backends = ["nft", "iptables-nft", "iptables-legacy"]

    private func apply(_ backend: String) -> [String] {
        ["apply", "--facts", "-", "--backend", backend]
    }

    @Test(arguments: ["nft", "legacy"])
    func rulesOfOldKumaAreReportedAndRemovedOneByOne(flavour: String) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(Self.plantOthers(flavour))
            let clean = try await IptablesApplyTests.saved(sandbox, flavour)
            try await sandbox.shell(Self.plantKuma(flavour))
            let before = try await IptablesApplyTests.saved(sandbox, flavour)

            let looked = try await sandbox.tproxy(["preflight", "--kuma-dp-user", "5678"])
            #expect(looked.output.contains("[kumactl-rules]"), "\(looked)")
            for backend in Self.backends {
                let refused = try await sandbox.tproxy(apply(backend), input: ApplyTests.facts)
                #expect(refused.status == 1)
                #expect(
                    refused.errors.contains("remove --kumactl"), "\(backend): \(refused.errors)")
            }
            let dry = try await sandbox.tproxy(["remove", "--kumactl", "--dry-run"])
            #expect(dry.output.contains("-t nat -D OUTPUT -p tcp -j MESH_OUTBOUND"), "\(dry)")
            #expect(try await IptablesApplyTests.saved(sandbox, flavour) == before)

            let removed = try await sandbox.tproxy(["remove", "--kumactl"])
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(try await IptablesApplyTests.saved(sandbox, flavour) == clean)
            let after = try await sandbox.tproxy(["preflight", "--kuma-dp-user", "5678"])
            #expect(!after.output.contains("[kumactl-rules]"), "\(after)")
            let applied = try await sandbox.tproxy(apply("nft"), input: ApplyTests.facts)
            #expect(applied.status == 0, "\(applied.errors)")
        }
    }

    /// Chains with those names and other rules are foreign.
    @Test(arguments: ["nft", "legacy"])
    func otherChainsWithKumasNamesStay(flavour: String) async throws {
        let kumas = Self.plantKuma(flavour)
        let changes = [
            "-A MESH_INBOUND -p tcp --dport 80 -j ACCEPT", "-F MESH_OUTBOUND_REDIRECT",
            "-A MESH_OUTBOUND -p tcp --dport 80 -j DNAT --to-destination :81",
        ]
        for change in changes {
            try await Sandbox.with { sandbox in
                try await sandbox.shell(
                    "\(kumas)\niptables-\(flavour) -t nat \(change)\nip6tables-\(flavour) -t nat \(change)"
                )
                let before = try await IptablesApplyTests.saved(sandbox, flavour)
                let removed = try await sandbox.tproxy(["remove", "--kumactl"])
                #expect(removed.output == "no kumactl rules to remove\n", "\(removed)")
                #expect(try await IptablesApplyTests.saved(sandbox, flavour) == before)
            }
        }
    }
}
