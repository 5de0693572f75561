import Dispatch
import Foundation
import Synchronization

/// The trials of one seed on every host, two hosts at a time.
struct DifferentialRun: Sendable {
    let seed: UInt64
    let count: Int
    private(set) var hosts: [HostRun] = []

    /// The slowest first, so that the others run beside it.
    private static let order: [HostUnderTest] = [
        .firewalld, .iptablesNft, .iptablesLegacy, .ebpf, .nft, .nftByNetlink,
    ]

    init(seed: UInt64, count: Int) throws {
        try self.init(Trial.all(seed: seed, count: count), seed: seed)
    }

    init(_ trials: [Trial], seed: UInt64) throws {
        self.seed = seed
        count = trials.count
        let runs = Mutex<[Result<HostRun, any Error>]>([])
        // A thread runs a host from beginning to end, since namespaces belong to threads.
        DispatchQueue.concurrentPerform(iterations: Self.order.count) { index in
            let run = Result { try HostRun(trials, on: Self.order[index]) }
            if case .success(let run) = run { print("seed \(seed),", run.summary) }
            runs.withLock { $0.append(run) }
        }
        hosts = try runs.withLock { $0 }.map { try $0.get() }
            .sorted { $0.host.rawValue < $1.host.rawValue }
    }

    var packets: Int { hosts.map(\.packets).max() ?? 0 }
    var disagreements: [Disagreement] { hosts.flatMap(\.disagreements) }

    var summary: String {
        let sent = hosts.map(\.packets).reduce(0, +)
        return
            (["seed \(seed): \(count) configurations, \(sent) packets sent on \(hosts.count) hosts"]
            + hosts.map(\.summary)).joined(separator: "\n")
    }
}

/// The seeds and sizes of the runs.
enum DifferentialSeeds {
    private static let environment = ProcessInfo.processInfo.environment

    /// The seed of the environment; otherwise a fixed one and a new one.
    static let all: [UInt64] =
        environment["TPROXY_DIFFERENTIAL_SEED"].flatMap { UInt64($0) }.map { [$0] }
        ?? [20_261_126, .random(in: 0...UInt64(UInt32.max))]

    static let count = environment["TPROXY_DIFFERENTIAL_COUNT"].flatMap { Int($0) } ?? 110

    /// Whether the environment asks for another run than CI's.
    static let areGiven = ["SEED", "COUNT"].contains { name in
        environment["TPROXY_DIFFERENTIAL_\(name)"]?.isEmpty == false
    }
}
