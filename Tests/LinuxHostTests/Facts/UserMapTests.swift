import Testing

@testable import LinuxHost

@Suite struct UserMapTests {
    @Test func theInitialNamespaceHasNoMap() {
        #expect(UserMap.entries(in: "         0          0 4294967295\n").isEmpty)
        #expect(UserMap.entries(in: "").isEmpty)
    }

    @Test func entriesOfAnotherNamespaceAreRead() {
        let text = "         0       1000          1\n         1     100000      65536\n"
        #expect(
            UserMap.entries(in: text) == [
                UserMap.Entry(first: 0, outer: 1000, count: 1),
                UserMap.Entry(first: 1, outer: 100_000, count: 65_536),
            ])
        #expect(UserMap.entries(in: "0 0\nx y z\n").isEmpty)
    }
}
