import Testing
import TproxyTestSupport

@testable import TproxyBench

@Suite struct InputTests {
    @Test func netfilterMessagesAreCountedFromStrace() {
        var log = StraceLog()
        for line in [
            "7 sendto(3<NETLINK:[NETFILTER:7]>, [{nlmsg_len=20}], 20, 0, NULL, 12) = 20",
            "7 sendmsg(3<NETLINK:[NETFILTER:7]>, {msg_name={sa_family=AF_NETLINK}, 0) = 1000",
            "7 recvmsg(3<NETLINK:[NETFILTER:7]>, {…}, MSG_PEEK|MSG_TRUNC) = 300",
            "7 recvmsg(3<NETLINK:[NETFILTER:7]>, {…}, 0) = 300",
            "7 recvmsg(3<NETLINK:[NETFILTER:7]>, {…}, 0) = -1 EAGAIN (Resource temporarily …)",
            "7 sendto(4<NETLINK:[ROUTE:7]>, [{nlmsg_len=20}], 20, 0, NULL, 12) = 20",
            "7 sendto(5<UNIX-STREAM:[9->8]>, \"\", 5, 0, NULL, 0) = 5",
            "7 +++ exited with 0 +++",
        ] { log.read(line[...]) }
        #expect(log.traffic == .init(sent: 1020, received: 300))
    }

    @Test func busyShareIsReadFromProcStat() throws {
        let before = try #require(ProcessorTimes("cpu  10 0 10 70 10 0 0 0 5 0\ncpu0 1 1\n"))
        let after = try #require(ProcessorTimes("cpu  20 0 20 130 25 0 3 2 5 0\ncpu0 1 1\n"))
        #expect(after.busy(since: before) == 0.25)
        #expect(before.busy(since: before) == 0)
        #expect(ProcessorTimes("") == nil)
    }

    @Test func variantsOfAListDifferInOneNetwork() {
        for count in [1, 10, 1001] {
            let lists = ExclusionList.Variant.allCases.map { variant in
                var prefixes: [String] = []
                ExclusionList(count: count, variant: variant).forEach { prefixes.append($0) }
                return prefixes
            }
            #expect(lists.allSatisfy { Set($0).count == count })
            let changed = Set(lists[1]).subtracting(lists[0])
            #expect(changed == [ExclusionList(count: count, variant: .changed).changedPrefix])
            let replaced = Set(lists[0]).subtracting(lists[1])
            #expect(replaced == [ExclusionList(count: count, variant: .original).replacedPrefix])
        }
    }

    /// Every second /28, so that none adjoins another.
    @Test func networksOfAListDontAdjoin() {
        var prefixes: [String] = []
        ExclusionList(count: 10, variant: .original).forEach { prefixes.append($0) }
        #expect(prefixes.prefix(2) == ["10.0.0.0/28", "10.0.0.32/28"])
        #expect(prefixes[8] == "10.0.1.0/28")
    }

    @Test func destinationsAreInNoExcludedNetwork() {
        #expect(Set(ExclusionList.gaps).count == 64)
        for address in ExclusionList.gaps {
            // 10.0.0.0/8, the upper half of a /27, of which the lower half is in the list of 100,000.
            #expect(address >> 24 == 10)
            #expect(address & 31 >= 16)
            #expect((address & 0xFF_FFFF) / 32 < 100_000)
        }
    }

    @Test func perItemRulesPrecedeTheOthers() throws {
        let folder = try TestFolder()
        let base = try String(
            contentsOf: Scenario.root.appendingPathComponent("rulesets/default/tproxy.nft"),
            encoding: .utf8)
        let path = folder.path(of: "per-item.nft")
        try PerItemRules.write(ExclusionList(count: 2, variant: .original), base: base, to: path)
        let text = try TextFile.read(path)
        let added =
            "\t\tip daddr 10.0.0.0/28 counter return\n\t\tip daddr 10.0.0.32/28 counter return\n"
        let place = try #require(text.firstRange(of: added))
        #expect(text[..<place.lowerBound].hasSuffix("priority -99; policy accept;\n"))
        #expect(text.replacing(added, with: "") == base)
        #expect(throws: BenchError.self) {
            try PerItemRules.write(
                ExclusionList(count: 2, variant: .original), base: "table inet x {}", to: path)
        }
    }

    @Test func linesAreReadAcrossBuffers() throws {
        let folder = try TestFolder()
        let path = folder.path(of: "lines")
        // More than one buffer of 64 KiB, and a last line without a line end.
        let lines = (0..<20_000).map { "line \($0)" }
        try TextFile.write(path, lines.joined(separator: "\n"))
        var read: [String] = []
        try TextFile.forEachLine(path) { read.append(String($0)) }
        // Twenty thousand lines are too long for a message.
        let isSame = read == lines
        #expect(isSame, "\(read.count) lines, the last \(read.last ?? "")")
        #expect(throws: BenchError.self) { try TextFile.read(folder.path(of: "none")) }
    }

    @Test func commandLineIsParsed() throws {
        let setting = try BenchSetting([
            "applying,startup", "--quick", "--sizes", "0,10", "--rounds", "2", "--json", "x",
        ])
        #expect(setting.parts == [.applying, .startup])
        #expect(setting.sizes == [0, 10])
        #expect(setting.pace == Pace(rounds: 2, fewest: 1, seconds: 5))
        #expect(setting.json == "x")
        #expect(setting.command == "make bench BENCH=applying,startup QUICK=1")
        #expect(try BenchSetting([]).command == "make bench")
    }

    @Test(arguments: [
        ["--json"], ["--sizes", "ten"], ["--sizes", "9999999"], ["flying"], ["--no"],
    ])
    func wrongCommandLineIsRefused(words: [String]) {
        #expect(throws: BenchError.self) { try BenchSetting(words) }
    }
}
