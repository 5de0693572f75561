import Testing

@testable import LinuxHost
@testable import Netlink

@Suite struct SocketsInUseTests {
    @Test func kindsWithoutSocketsAreLeftOut() {
        let counts = """
            sockets: used 4
            TCP: inuse 0 orphan 0 tw 5 alloc 3 mem 1
            UDP: inuse 12 mem 0
            UDPLITE: inuse 0
            RAW: inuse 1
            FRAG: inuse 0 memory 0
            TCP6: inuse 1
            UDP6: inuse 0
            UDPLITE6: inuse 0

            """
        #expect(
            SocketsInUse.kinds(in: counts) == [
                .init(transport: .tcp, family: .ipv6), .init(transport: .udp, family: .ipv4),
            ])
    }

    @Test(arguments: [
        "", "TCP: inuse\nUDP: inuse", "TCP: used 0\nUDP: used 0\nTCP6 inuse 0\nUDP6: inuse x",
    ])
    func anUnknownFormCountsAsSockets(counts: String) {
        #expect(SocketsInUse.kinds(in: counts) == InetSocket.Kind.all)
    }
}
