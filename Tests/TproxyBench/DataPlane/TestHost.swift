import Addressing
import Glibc
import Netlink

/// A host with rules, a proxy, and an interface for packets to other hosts.
final class TestHost {
    let rules: TestRules
    private let arena: Arena
    private let outside: Arena
    private let traffic: Traffic
    private let workshop: Workshop

    /// Nil if loading the rules exceeds the time limit.
    static func loaded(
        _ rules: TestRules, _ files: RulesetFiles, _ setting: BenchSetting, in workshop: Workshop
    ) throws(BenchError) -> TestHost? {
        try loaded(rules, setting, in: workshop, by: calls(rules, files, workshop))
    }

    /// The host on which `calls` load the rules.
    static func loaded(
        _ rules: TestRules, _ setting: BenchSetting, in workshop: Workshop, by calls: [ProgramCall]
    ) throws(BenchError) -> TestHost? {
        let host = try TestHost(rules, setting.effort, in: workshop)
        return try workshop.measure(calls) == nil ? nil : host
    }

    private init(
        _ rules: TestRules, _ effort: Traffic.Effort, in workshop: Workshop
    ) throws(BenchError) {
        self.rules = rules
        self.workshop = workshop
        outside = try Arena()
        arena = try Arena()
        do {
            try Link.addPair(.ethernet, .ethernet, in: outside.descriptor)
            try Link.setUp(.ethernet)
            let peer = IPAddress(family: .ipv4, bits: 0x0A_FF_FF_01)
            let host = IPAddress(family: .ipv4, bits: 0x0A_FF_FF_02)
            let cable = IPPrefix(host, length: 24) ?? IPPrefix(host)
            _ = try InterfaceAddress.add(cable, address: host, to: .ethernet)
            let anywhere = IPAddress(family: .ipv4, bits: 0)
            try Route(
                to: IPPrefix(anywhere, length: 0) ?? cable, .unicast(gateway: peer),
                on: .ethernet, in: .main
            ).add()
        } catch {
            throw .system(
                step: "setting up a host", reason: unsafe String(cString: strerror(error.code)))
        }
        traffic = try Traffic(rules.kind, effort)
    }

    /// The programs that load the rules of a kind.
    static func calls(
        _ rules: TestRules, _ files: RulesetFiles, _ workshop: Workshop
    ) throws(BenchError) -> [ProgramCall] {
        if let contender = rules.kind.contender {
            return try files.calls(contender, replaces: false)
        }
        guard rules.kind == .smallest else { return [] }
        let path = workshop.path("smallest.nft")
        try TextFile.write(path, TestRules.smallestText)
        return [try .installed("nft", ["-f", path])]
    }

    /// A sample of all kinds of traffic; conntrack forgets earlier connections first.
    func sample() throws(BenchError) -> Traffic.Sample {
        try arena.enter()
        if rules.kind != .none { try workshop.run(.installed("conntrack", ["-F"])) }
        do {
            return try traffic.sample()
        } catch {
            throw .notAsExpected(
                "under \(rules.kind.title) with \(rules.size) exclusions: \(error.text)")
        }
    }

    /// The seconds that a byte takes on an established connection.
    func bulk() throws(BenchError) -> Double {
        try arena.enter()
        return try traffic.bulk()
    }

    /// Runs a program on the host.
    func run(_ call: ProgramCall) throws(BenchError) {
        try arena.enter()
        try workshop.run(call)
    }

    /// How many packets the rules count during a number of exchanges on one connection.
    ///
    /// The first packet of the connection isn't counted.
    func countedPackets(ofExchanges count: Int, program: String) throws(BenchError) -> Int {
        try arena.enter()
        let before = try packets(program)
        try traffic.exchange(times: 1)
        let between = try packets(program)
        // Otherwise the counters prove nothing.
        guard between > before else {
            throw .notAsExpected("'tproxy status' counts no packet of a new connection")
        }
        try traffic.exchange(times: count)
        let after = try packets(program)
        return (after - between) - (between - before)
    }

    /// The sum of all counters of our table: the first column of `tproxy status`.
    private func packets(_ program: String) throws(BenchError) -> Int {
        let path = workshop.path("status")
        try workshop.run(ProgramCall(program, ["status"], output: path))
        var sum = 0
        var isCounters = false
        try TextFile.forEachLine(path) { line in
            let first = line.split(separator: " ").first ?? ""
            if first == "PACKETS" { isCounters = true }
            if isCounters { sum += Int(first) ?? 0 }
        }
        return sum
    }
}
