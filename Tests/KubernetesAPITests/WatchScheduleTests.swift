import Rehearsal
import Testing

@testable import KubernetesAPI

struct WatchScheduleTests {
    private var random = SystemRandomNumberGenerator()

    /// An agent in a time of its own, which its seed alone determines.
    private struct Agent {
        var schedule: WatchSchedule
        var random: SeededGenerator
        var time = Duration.zero

        init(_ seed: UInt64, spread: Duration) {
            schedule = WatchSchedule(spread: spread)
            random = SeededGenerator(seed: seed)
            time = schedule.firstWait(&random)
        }

        /// Asks a server that is away for a time; returns when it lists after `start`.
        mutating func list(after start: Duration, away: Range<Duration>) -> Duration {
            while true {
                if away.contains(time) {
                    time += schedule.failed(&random)
                    continue
                }
                switch schedule.step {
                case .list:
                    let listed = time
                    time += schedule.listed("7")
                    if listed >= start { return listed }
                // A watch that lasts until the server goes, and from then on.
                case .watch: time = max(time, away.lowerBound)
                }
            }
        }
    }

    /// Expects 200 lists within more than 30 seconds, and how many the busiest second has.
    private func expectSpread(_ times: [Duration], busiest: Int) throws {
        let seconds = Dictionary(grouping: times, by: \.components.seconds).mapValues(\.count)
        let first = try #require(times.min())
        let last = try #require(times.max())
        #expect(times.count == 200 && last - first >= .seconds(30), "\(first) to \(last)")
        #expect((seconds.values.max() ?? 0) <= busiest, "\(seconds.sorted { $0.key < $1.key })")
    }

    /// 200 agents that start together list over more than 30 of the 40 seconds.
    @Test func agentsThatStartTogetherSpreadTheirLists() throws {
        let times = (UInt64(0)..<200).map { Agent($0, spread: .seconds(40)).time }
        try expectSpread(times, busiest: 12)
        #expect(times.allSatisfy { $0 >= .zero && $0 < .seconds(40) })
        // The same seed draws the same wait, and another seed another one.
        #expect(Set(times).count == 200)
        #expect(times == (UInt64(0)..<200).map { Agent($0, spread: .seconds(40)).time })
    }

    /// An agent gives up its version when the server is away for long, and so do all others.
    @Test(arguments: [20, 60, 600])
    func agentsThatLoseTheirServerSpreadTheirLists(seconds: Int) throws {
        let away = Duration.seconds(100)..<Duration.seconds(100 + seconds)
        let times = (UInt64(0)..<200).map { seed in
            var agent = Agent(seed, spread: .seconds(40))
            return agent.list(after: away.lowerBound, away: away)
        }
        try expectSpread(times, busiest: 20)
        #expect(times.allSatisfy { $0 < away.upperBound + .seconds(60) })
    }

    /// Without a spread, all list at once: the expectations above can fail.
    @Test func agentsWithoutASpreadListTogether() {
        #expect((UInt64(0)..<200).allSatisfy { Agent($0, spread: .zero).time == .zero })
    }

    @Test mutating func aWatchFollowsAListAtOnce() {
        var schedule = WatchSchedule(spread: .seconds(40))
        #expect(schedule.step == .list(isConsistent: false))
        #expect(schedule.listed("7") == .zero)
        #expect(schedule.step == .watch(since: "7"))
        schedule.progressed(to: "9")
        #expect(schedule.ended(&random) <= .seconds(1))
        #expect(schedule.step == .watch(since: "9"))
    }

    /// A version that has expired for one agent has for all of them.
    @Test mutating func anExpiredVersionIsListedAgainOverTheWholeSpread() {
        var longest = Duration.zero
        for _ in 0..<200 {
            var schedule = WatchSchedule(spread: .seconds(40))
            _ = schedule.listed("7")
            schedule.progressed(to: "8")
            longest = max(longest, schedule.expired(&random))
            #expect(schedule.step == .list(isConsistent: false))
        }
        #expect(longest >= .seconds(30))
    }

    /// The server's cache gives a version that it doesn't know itself: ask for the newest state.
    @Test mutating func aListWhoseVersionHasExpiredIsRepeatedConsistently() {
        var schedule = WatchSchedule(spread: .zero)
        _ = schedule.listed("7")
        _ = schedule.expired(&random)
        #expect(schedule.step == .list(isConsistent: true))
        _ = schedule.listed("8")
        schedule.progressed(to: "9")
        _ = schedule.expired(&random)
        #expect(schedule.step == .list(isConsistent: false))
    }

    @Test mutating func failuresWaitLongerUpToAMinute() {
        var schedule = WatchSchedule(spread: .zero)
        var waits: [Duration] = []
        for _ in 0..<10 { waits.append(schedule.failed(&random)) }
        #expect(waits.allSatisfy { $0 <= WatchSchedule.longestWait })
        #expect(waits[0] >= .seconds(1) && waits[0] <= .seconds(2))
        #expect(waits[3] >= .seconds(8) && waits[3] <= .seconds(16))
        #expect(waits[9] >= .seconds(30) && waits[9] <= .seconds(60))
    }

    @Test mutating func aVersionIsGivenUpAfterSeveralFailures() {
        var schedule = WatchSchedule(spread: .zero)
        _ = schedule.listed("7")
        for _ in 0..<3 { _ = schedule.failed(&random) }
        #expect(schedule.step == .watch(since: "7"))
        _ = schedule.failed(&random)
        #expect(schedule.step == .list(isConsistent: false))
    }
}
