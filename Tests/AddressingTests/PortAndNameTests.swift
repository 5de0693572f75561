import Testing

@testable import Addressing

@Suite struct PortAndNameTests {
    @Test(arguments: ["0", "65536", "70000", "-1", "+80", " 80", "8O", "", "99999999999999999999"])
    func refusesInvalidPorts(text: String) {
        #expect(Port(text) == nil)
    }

    @Test func mergesTouchingPortRanges() throws {
        let ranges = try [(80, 80), (81, 90), (100, 100), (85, 95), (65535, 65535)].map { ends in
            let first = try #require(Port(ends.0))
            let last = try #require(Port(ends.1))
            return try #require(PortRange(first, last))
        }
        #expect(PortRange.merging(ranges).map(\.description) == ["80-95", "100", "65535"])
    }

    @Test func acceptsUIDsOf32Bits() {
        #expect(UserID("4294967294")?.number == 4_294_967_294)
        #expect(UserID("4294967295") == nil)
    }

    @Test(arguments: [
        "eth 0", "eth\"0", "eth'0", "eth\n0", "eth/0", "", ".", "..", "+", "e+h",
        "sixteen-bytes-xx",
        "fifteen-bytes-+x", "é",
    ])
    func refusesInvalidInterfaceNames(text: String) {
        #expect(InterfacePattern(text) == nil)
    }

    @Test func patternsMatchInterfaceNames() throws {
        let pattern = try #require(InterfacePattern("docker+"))
        #expect(pattern.matches(try #require(InterfaceName("docker0"))))
        #expect(!pattern.matches(try #require(InterfaceName("dock"))))
    }
}
