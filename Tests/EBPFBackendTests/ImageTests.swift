import Addressing
import RuleIR
import Testing

@testable import EBPFBackend

@Suite struct ImageTests {
    @Test func theDigestDependsOnEveryStepAndElement() throws {
        let port = try #require(Port(15001))
        var plan = ProgramPlan()
        plan.steps = [.test(.transport(.tcp), isNegated: false, otherwise: 2), .end, .end]
        let digest = plan.image.digest
        var digests: Set<String> = [digest]
        var other = plan
        other.steps[1] = .redirect(port, rule: 0)
        digests.insert(other.image.digest)
        other = plan
        other.addressSets = [[try #require(IPPrefix("10.0.0.0/8"))]]
        digests.insert(other.image.digest)
        other.addressSets = [[try #require(IPPrefix("10.0.0.0/9"))]]
        digests.insert(other.image.digest)
        other = plan
        other.portSets = [[PortRange(port)]]
        digests.insert(other.image.digest)
        other = plan
        other.inboundPort = port
        digests.insert(other.image.digest)
        #expect(digests.count == 6)
        #expect(plan.image.digest == digest)
    }

    @Test func theHostIsNoPartOfTheImage() {
        let plan = ProgramPlan()
        let here = plan.configuration(ConfigurationHost(namespaceCookie: 7, interface: 3))
        #expect(here.namespace_cookie == 7 && here.interface == 3)
        #expect(here.imageBytes == plan.image.configuration)
    }

    @Test func ipv4IsMapped() throws {
        let prefix = try #require(IPPrefix("10.1.0.0/16"))
        let key = PrefixKey(prefix, in: 2).bytes
        #expect(Array(key[0..<8]) == UInt32(32 + 112).hostBytes + UInt32(2).hostBytes)
        #expect(Array(key[18..<24]) == [0xFF, 0xFF, 10, 1, 0, 0])
        #expect(
            MappedAddress.mask(of: prefix)
                == [UInt8](repeating: 0xFF, count: 14) + [UInt8](repeating: 0, count: 2))
    }

    @Test func aRecordReadsAsWritten() throws {
        var plan = ProgramPlan()
        plan.rules = [
            CountedRule(
                location: RuleLocation(.chain(.outbound), 0),
                rationale: Rationale("to localhost", key: "redirect.outbound.enabled"))
        ]
        let address = LoopbackAddress(
            prefix: IPPrefix(.passthroughSource(.ipv6)), interface: .loopback)
        var record = LoadRecord(
            plan, version: "1.2.3", digest: "abc", owning: [.address(address)])
        record.loadedAt = LoadTime("2026-11-30T14:40:02Z")
        #expect(LoadRecord(record.text) == record)
        #expect(LoadRecord("something else\n\n\n\n\n") == nil)
        var later = record
        later.loadedAt = nil
        #expect(later.isSame(as: record) && later != record)
    }
}
