import Addressing
import ConfigurationGenerator
import Rehearsal
import RuleIR
import Testing
import TproxyTestSupport

@testable import EBPFBackend

/// What the kernel's maps hold is read back as the plan that was loaded.
@Suite struct ReadingTests {
    @Test func theImageAndTheRecordHoldTheWholePlan() throws {
        var random = SeededGenerator.forTest()
        let seed = random.seed
        var read = 0
        for _ in 0..<60 {
            let generated = try GeneratedPlan(
                ConfigurationGenerator.configuration(seed: random.next()))
            guard let plan = try? EBPFEmitter().emit(generated.ruleset) else { continue }
            let record = LoadRecord(plan, version: "1", digest: plan.image.digest, owning: [])
            let text = try #require(LoadRecord(record.text))
            let found = try #require(ProgramPlan(plan.image, text), "TPROXY_TEST_SEED=\(seed)")
            #expect(found.steps == plan.steps && found.inbound == plan.inbound)
            #expect(found.flows == plan.flows && found.portSets == plan.portSets)
            #expect(found.addressSets.map(Set.init) == plan.addressSets.map(Set.init))
            #expect(found.names == plan.names && found.families == plan.families)
            #expect(found.rules.map(\.location) == plan.rules.map(\.location))
            #expect(found.rules.map(\.rationale) == plan.rules.map(\.rationale))
            #expect(found.proxyPorts == plan.proxyPorts && found.inboundPort == plan.inboundPort)
            read += 1
        }
        #expect(read > 5)
    }

    @Test func anImageThatThisVersionDoesNotWriteIsNotRead() throws {
        let plan = try EBPFEmitter().emit(Configuration.compile("").ruleset)
        let record = LoadRecord(plan, version: "1", digest: "", owning: [])
        var image = plan.image
        // An unknown kind of the first step, which is behind 36 bytes of ports and numbers.
        image.configuration[36] = 0xFF
        #expect(ProgramPlan(image, record) == nil)
        image = plan.image
        image.configuration.removeLast()
        #expect(ProgramPlan(image, record) == nil)
        var other = record
        other.rules[0].list = "another list"
        #expect(ProgramPlan(plan.image, other) == nil)
        other = record
        other.names.ports.append(SetName("missing"))
        #expect(ProgramPlan(plan.image, other) == nil)
    }

    @Test func theListingNamesProgramsAndMapContents() throws {
        let yaml = """
            redirect:
              outbound:
                excludePortsForIPs: [10.0.0.0/8]
                excludePorts: [25, 8000]
            """
        let plan = try EBPFEmitter().emit(Configuration.compile(yaml).ruleset)
        let text = ProgramText(ProgramListing(plan, EBPFSettings(), .mesh)).text
        for words in [
            "tproxy_lookup       sk_lookup     netns", "destination in @outbound_excluded_ipv4",
            "address set 0, @outbound_excluded_ipv4\n    10.0.0.0/8\n", "    25\n    8000\n",
            "redirect to port 15001", "digest \(plan.image.digest)",
        ] {
            #expect(text.contains(words), "\(words)\n\(text)")
        }
        var settings = EBPFSettings()
        settings.cgroupPath = "/sys/fs/cgroup/pods"
        #expect(
            ProgramText(ProgramListing(plan, settings, .mesh)).text
                .contains("cgroup /sys/fs/cgroup/pods"))
    }
}
