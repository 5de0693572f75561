import Testing

@testable import KubernetesAPI

struct WatchScheduleTests {
    private var random = SystemRandomNumberGenerator()

    /// 200 agents that start together list over more than 30 of the 40 seconds, at most 20 within
    /// any second.
    @Test mutating func agentsThatStartTogetherSpreadTheirLists() {
        let schedule = WatchSchedule(spread: .seconds(40))
        var seconds: [Int: Int] = [:]
        var waits: [Duration] = []
        for _ in 0..<200 {
            let wait = schedule.firstWait(&random)
            waits.append(wait)
            seconds[Int(wait.components.seconds), default: 0] += 1
        }
        // Each of these fails for fewer than one of 10^9 seeds.
        #expect((waits.max() ?? .zero) - (waits.min() ?? .zero) >= .seconds(30))
        #expect((seconds.values.max() ?? 0) <= 30)
        #expect(waits.allSatisfy { $0 >= .zero && $0 < .seconds(40) })
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
