import Testing

@testable import LoadGenerator

@Suite struct ScheduleTests {
    private static let second: UInt64 = 1_000_000_000

    /// A rate depends on the clock, and not on the answers.
    @Test func rateSendsByTheClock() {
        var schedule = Schedule(.rate(500), seconds: 60, count: nil)
        var sent = 0
        for tick in stride(from: UInt64(0), through: 61 * Self.second, by: 7_000_000) {
            for _ in 0..<schedule.due(at: tick, unanswered: 1_000_000) {
                schedule.start()
                sent += 1
            }
            #expect(sent == min(Int(tick / 2_000_000) + 1, 30_000))
        }
        #expect(schedule.isOver(at: 61 * Self.second))
    }

    /// Delayed sends are made up.
    @Test func lateSendsAreMadeUp() {
        var schedule = Schedule(.rate(10), seconds: 1, count: nil)
        #expect(schedule.due(at: 0, unanswered: 0) == 1)
        #expect(schedule.due(at: 5 * Self.second, unanswered: 0) == 10)
        #expect(!schedule.isOver(at: 5 * Self.second))
        for _ in 0..<10 { schedule.start() }
        #expect(schedule.isOver(at: 5 * Self.second))
    }

    @Test func closedLoopWaitsForAnswers() {
        var schedule = Schedule(.atOnce(4), seconds: 1, count: 6)
        #expect(schedule.due(at: 0, unanswered: 0) == 4)
        for _ in 0..<4 { schedule.start() }
        #expect(schedule.due(at: 1, unanswered: 4) == 0)
        #expect(schedule.due(at: 2, unanswered: 1) == 2)
        #expect(schedule.due(at: Self.second, unanswered: 0) == 0)
        for _ in 0..<2 { schedule.start() }
        #expect(schedule.isOver(at: 3))
    }

    @Test func nextLookIsWhenTheNextSendIsDue() {
        var schedule = Schedule(.rate(500), seconds: 1, count: nil)
        schedule.start()
        #expect(schedule.nextLook == 2_000_000)
        #expect(schedule.due(at: schedule.nextLook - 1, unanswered: 0) == 0)
        #expect(schedule.due(at: schedule.nextLook, unanswered: 0) == 1)
    }

    @Test func stoppedScheduleSendsNothing() {
        var schedule = Schedule(.rate(500), seconds: 60, count: nil)
        schedule.start()
        schedule.stop()
        #expect(schedule.isOver(at: 0))
        #expect(schedule.due(at: Self.second, unanswered: 0) == 0)
    }
}
