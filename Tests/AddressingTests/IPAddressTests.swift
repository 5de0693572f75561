import Glibc
import Testing

@testable import Addressing

@Suite struct IPAddressTests {
    @Test(arguments: ["10.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "fd00::1:0:0:1"])
    func printsAddressesAsParsed(text: String) throws {
        #expect(try #require(IPAddress(text)).description == text)
    }

    @Test(arguments: [
        "", "10.0.0", "10.0.0.256", "010.0.0.1", "1.2.3.4.5", "fe80::1%eth0", ":::", "g::",
        "10.0.0.1 ",
        "a\0b",
    ])
    func refusesInvalidAddresses(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        (["10.0.0.0/8"], ["10.1.0.0/16"], true), (["10.1.0.0/16"], ["10.0.0.0/8"], true),
        (["10.0.0.0/9"], ["10.128.0.0/9"], false), ([], ["10.0.0.0/8"], false),
        (["::/0"], ["0.0.0.0/0"], false),
        (["10.0.0.1", "fd00::1"], ["10.0.0.2", "fd00::/8"], true),
        (["10.0.0.9", "10.0.0.1"], ["10.0.0.0", "10.0.0.5", "10.0.0.9"], true),
    ])
    func findsACommonAddressOfTwoLists(some: [String], others: [String], isCommon: Bool) {
        let lists = [some, others].map { $0.compactMap { IPPrefix($0)?.range } }
        #expect(AddressRange.haveCommon(lists[0], lists[1]) == isCommon)
        #expect(AddressRange.haveCommon(lists[1], lists[0]) == isCommon)
    }

    /// Our parser of dotted quads accepts the same texts as inet_pton(3).
    @Test func acceptsTheAddressesThatInetPtonAccepts() {
        let parts = [
            "", "0", "00", "1", "01", "9", "10", "99", "100", "199", "255", "256", "999", "1000",
            " 1",
            "+1", "a",
        ]
        for first in parts {
            for last in parts {
                for text in [
                    "\(first).2.3.\(last)", "2.\(first).\(last)", "2.\(first).\(last).3.4",
                ] {
                    var bytes = in_addr()
                    let isRead = inet_pton(AF_INET, text, &bytes) == 1
                    let number = UInt128(UInt32(bigEndian: bytes.s_addr))
                    #expect(IPAddress(text)?.bits == (isRead ? number : nil), "\(text)")
                }
            }
        }
    }

    @Test(arguments: [
        ("172.32.16.8/16", "172.32.0.0/16"), ("10.0.0.1", "10.0.0.1"), ("10.0.0.1/32", "10.0.0.1"),
        ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"), ("fd00::ff/64", "fd00::/64"),
    ])
    func clearsHostBits(text: String, expected: String) throws {
        #expect(try #require(IPPrefix(text)).description == expected)
    }

    @Test(arguments: [
        "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "/8", "a/8",
    ])
    func refusesInvalidBlocks(text: String) {
        #expect(IPPrefix(text) == nil)
    }

    @Test(arguments: [
        (["10.0.0.0/25", "10.0.0.128/25"], ["10.0.0.0/24"]),
        (["10.0.0.0/8", "10.1.0.0/16", "10.255.255.255"], ["10.0.0.0/8"]),
        (["10.0.0.1", "10.0.0.2", "10.0.0.3"], ["10.0.0.1-10.0.0.3"]),
        (["255.255.255.255", "0.0.0.0"], ["0.0.0.0", "255.255.255.255"]),
        (["0.0.0.0/0", "255.255.255.255"], ["0.0.0.0/0"]),
        (["::/0", "ffff::1"], ["::/0"]),
        (["255.255.255.255", "::"], ["255.255.255.255", "::"]),
    ])
    func mergesTouchingRanges(prefixes: [String], expected: [String]) throws {
        let ranges = try prefixes.map { try #require(IPPrefix($0)).range }
        let merged = AddressRange.merging(ranges).map {
            $0.prefix?.description ?? "\($0.first)-\($0.last)"
        }
        #expect(merged == expected)
    }
}
