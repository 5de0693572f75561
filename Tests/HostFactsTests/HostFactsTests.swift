import Addressing
import Foundation
import HostFacts
import Testing

@Suite struct HostFactsTests {
    @Test func jsonRoundTrips() throws {
        let facts = HostFacts(resolvers: [try #require(IPAddress("fd00::53"))])
        let data = try JSONEncoder().encode(facts)
        #expect(try JSONDecoder().decode(HostFacts.self, from: data) == facts)
    }

    /// A file of an older version, without the host's addresses.
    @Test func factsOfAnOlderVersionAreRead() throws {
        let text = """
            {"proxyUser": 5678, "loopback": "lo", "resolvers": [], "hasDockerDNSChain": false,
             "ipv6": {"isUsable": true, "reason": "assumed"}}
            """
        let facts = try JSONDecoder().decode(HostFacts.self, from: Data(text.utf8))
        #expect(facts.addresses == nil)
        #expect(!String(decoding: try JSONEncoder().encode(facts), as: UTF8.self).contains("addr"))
    }
}
