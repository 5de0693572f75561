import Addressing
import Testing

@testable import LinuxHost

@Suite struct HostReaderTests {
    @Test func readsNameservers() {
        let text = """
            # comment
            ; nameserver 9.9.9.9
            search example.org
            nameserver 10.0.0.2
            nameserver\tfe80::1%eth0
            nameserver 10.0.0.2
            nameserver not-an-address
              nameserver fd00::53
            """
        #expect(
            ResolverFile.nameservers(in: text).map(\.description)
                == ["10.0.0.2", "fe80::1", "fd00::53"])
    }

    @Test func seesDockerByItsResolver() {
        let header = "  sl  local_address rem_address   st\n"
        #expect(DockerDNS.inspect(header + "   1: 0B00007F:9C2A 00000000:0000 07") == .present)
        #expect(DockerDNS.inspect(header + "   1: 0100007F:0035 00000000:0000 07") == .absent)
    }

    @Test func unknownUserNameIsAnErrorAndAUIDNeedsNoAccount() throws {
        let reader = HostReader()
        #expect(throws: HostFactsError.unknownUser("no-such-user")) {
            try reader.user(.name("no-such-user"), isCNIMode: false)
        }
        let number = try #require(UserID(1_000_680_000))
        #expect(try reader.user(.id(number), isCNIMode: false) == number)
        #expect(try reader.user(.name("root"), isCNIMode: false).number == 0)
        #expect(throws: HostFactsError.nameInCNIMode("root")) {
            try reader.user(.name("root"), isCNIMode: true)
        }
        #expect(try reader.user(.byDefault, isCNIMode: true) == .kumaDefault)
    }

    @Test func aMissingFileIsADoubtAndNoFailure() throws {
        let reading = try HostReader().read(
            proxyUser: .id(.kumaDefault), resolvConfigPath: "/nonexistent/resolv.conf",
            isCNIMode: false)
        #expect(reading.facts.resolvers.isEmpty)
        #expect(reading.doubts.contains { $0.contains("/nonexistent/resolv.conf") })
        #expect(reading.facts.loopback == .loopback)
    }

    /// What every host has says nothing of one.
    @Test func ownAddressesAreThoseThatOthersLack() throws {
        let reading = try HostReader().read(
            proxyUser: .id(.kumaDefault), resolvConfigPath: "/dev/null", isCNIMode: false)
        let addresses = try #require(reading.facts.addresses)
        #expect(addresses.allSatisfy { !$0.address.isLoopback })
        #expect(
            addresses.allSatisfy { $0.address != .passthroughSource($0.address.family) })
    }
}
