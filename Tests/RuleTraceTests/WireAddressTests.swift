import Addressing
import RuleTrace
import Testing

/// The addresses that the kernel puts into packets instead of special ones.
@Suite struct WireAddressTests {
    @Test(
        arguments: [
            (nil, "0.0.0.0", nil, "127.0.0.1"), ("0.0.0.0", "0.0.0.0", "0.0.0.0", "127.0.0.1"),
            ("10.0.0.1", "0.0.0.0", "10.0.0.1", "10.0.0.1"), (nil, "::", nil, "::1"),
            ("fd00::1", "::", "fd00::1", "::1"), (nil, "::ffff:192.0.2.1", nil, "192.0.2.1"),
            ("::ffff:10.0.0.1", "::ffff:192.0.2.1", "10.0.0.1", "192.0.2.1"),
            ("::", "::ffff:192.0.2.1", "0.0.0.0", "192.0.2.1"),
            ("::", "::ffff:0.0.0.0", "0.0.0.0", "127.0.0.1"), (nil, "192.0.2.1", nil, "192.0.2.1"),
            ("fd00::1", "2001:db8::1", "fd00::1", "2001:db8::1"),
        ] as [(String?, String, String?, String)])
    func addressesAreThoseThatTheKernelSends(
        source: String?, destination: String, sentFrom: String?, sentTo: String
    ) throws {
        let wire = WireAddress(
            from: source.flatMap { IPAddress($0) }, to: try #require(IPAddress(destination)))
        #expect(wire.source?.description == sentFrom)
        #expect(wire.destination.description == sentTo)
    }

    @Test(arguments: [
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("::ffff:0.0.0.0/96", "0.0.0.0/0"),
        ("::ffff:10.0.0.1", "10.0.0.1"), ("::/0", "::/0"), ("::ffff:0.0.0.0/95", "::fffe:0:0/95"),
        ("10.0.0.0/8", "10.0.0.0/8"),
    ])
    func aMappedBlockIsOneOfIPv4(text: String, expected: String) throws {
        #expect(try #require(IPPrefix(text)).unmapped.description == expected)
    }
}
