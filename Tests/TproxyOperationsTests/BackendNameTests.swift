import Diagnostics
import HostFacts
import IptablesBackend
import NftablesBackend
import RuleIR
import Testing
import TproxyConfig
import TproxyConfigYAML

@testable import TproxyOperations

/// Backends by the names in flags, plan files and reports.
@Suite struct BackendNameTests {
    @Test func everyBackendIsSelectedByItsName() throws {
        let selection = BackendSelection()
        #expect(Set(BackendSelection.names.map(\.text)).count == BackendSelection.names.count)
        for name in BackendSelection.names {
            #expect(BackendChoice(name.text) == .backend(name))
            #expect(try selection.backend(of: .backend(name)).name == name)
        }
        #expect(
            BackendChoice.allTexts
                == ["nft", "ebpf", "iptables", "iptables-nft", "iptables-legacy"])
        #expect(BackendChoice.allTexts.allSatisfy { BackendChoice($0)?.text == $0 })
        #expect(BackendChoice("ipvs") == nil)
    }

    @Test func backendThatIsNotInTheBuildIsRefused() throws {
        let selection = BackendSelection(retry: RetryPolicy(), backends: [])
        let failure = #expect(throws: OperationFailure.self) { try selection.backend(.nft) }
        #expect(failure?.diagnostics.map(\.id) == ["no-such-backend"])
    }

    @Test(arguments: [BackendName.nft, .iptablesNft, .iptablesLegacy])
    func backendThatListsItsRulesHasALister(name: BackendName) throws {
        #expect(try BackendSelection().backend(name).lister?.name == name)
    }

    @Test func backendThatCannotListHasNoLister() {
        #expect(MemoryBackend("one", Journal()).lister == nil)
    }

    @Test(arguments: BackendSelection.names)
    func planFileKeepsTheBackendsName(name: BackendName) throws {
        let text = try planFile(for: name).text()
        #expect(text.contains(#""backend" : "\#(name.text)""#))
        #expect(try PlanFile.read(InputFile(name: "plan", text: text)).backend == name)
    }

    @Test func planFileOfAnUnknownBackendIsRefused() throws {
        let text = try planFile(for: .nft).text()
            .replacing(#""backend" : "nft""#, with: #""backend" : "ipvs""#)
        let sealed = try #require(SealedJSON.sealed(text))
        let failure = #expect(throws: OperationFailure.self) {
            try PlanFile.read(InputFile(name: "plan", text: sealed))
        }
        #expect(failure?.diagnostics.map(\.id) == ["invalid-plan-file"])
        #expect(failure?.diagnostics.first?.message.contains("'backend'") == true)
    }

    private func planFile(for name: BackendName) throws -> PlanFile {
        let plan = Plan(TproxyConfig(), on: HostFacts(), instance: .mesh)
        let backend = try BackendSelection().backend(name)
        return PlanFile(
            plan, backend: name, rulesDigest: try backend.validDigest(of: plan.ruleset),
            loaded: .none)
    }

    @Test func identityHasTheRequestedBackendsName() throws {
        let plan = Plan(TproxyConfig(), on: HostFacts(), instance: .mesh)
        let nft = try plan.identity(for: .backend(.nft))
        #expect(nft.name == "table inet tproxy_mesh")
        #expect(try nft.digest == plan.nftables().digest)
        let iptables = try plan.identity(for: .iptables)
        #expect(iptables.name == "chains KUMA_MESH_* of iptables")
        #expect(try iptables.digest == plan.iptables().digest)
        let legacy = try plan.identity(for: .backend(.iptablesLegacy))
        #expect(legacy.name == "chains KUMA_MESH_* of iptables-legacy")
        #expect(legacy.digest == iptables.digest)
    }

    @Test func storingForFirewalldSelectsIptables() throws {
        let stored = try config("storeFirewalld: true")
        #expect(BackendChoice(nil, for: stored) == .iptables)
        #expect(BackendChoice(nil, for: TproxyConfig()) == .backend(.nft))
        let plan = Plan(stored, on: HostFacts(), instance: .mesh)
        #expect(
            plan.refusals(for: .backend(.nft)).map(\.id) == ["firewalld-needs-iptables"])
        #expect(plan.refusals(for: .iptables).isEmpty)
        #expect(plan.refusals(for: .backend(.iptablesLegacy)).isEmpty)
    }

    private func config(_ yaml: String) throws -> TproxyConfig {
        let document = try YAMLDocument.parse(text: yaml, source: "test").get()
        return ConfigurationLoader.load(files: [document], environment: [:], flags: []).config
    }
}
