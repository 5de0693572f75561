import Testing

@testable import LoadGenerator

@Suite struct TallyTests {
    private func destination(_ text: String) throws -> Destination {
        try #require(Endpoint(text)).destination
    }

    @Test func everyOutcomeIsCountedOnce() {
        var tally = Tally()
        for outcome in Outcome.allCases { tally.add(outcome) }
        tally.add(.correct, latency: 1000, retransmissions: 2)
        #expect(tally.sent == UInt64(Outcome.allCases.count) + 1)
        #expect(tally.count(.correct) == 2)
        #expect(tally.count(.lost) == 1)
        #expect(tally.retransmitted == 1)
    }

    @Test func greetingTellsServerAndDestination() throws {
        let there = try destination("10.0.0.1:80")
        let greeting = Greeting(role: .proxy, destination: there)
        let read = try #require(Greeting(greeting.bytes))
        #expect(read == greeting)
        #expect(Outcome(read, .proxy, there) == .correct)
        #expect(Outcome(read, .destination, there) == .misdirected)
        #expect(Outcome(read, .proxy, try destination("10.0.0.1:81")) == .altered)
        #expect(Outcome(read, .proxy, try destination("[fd00::1]:80")) == .altered)
        #expect(Outcome(nil, .proxy, there) == .misdirected)
        #expect(Greeting(greeting.bytes.dropLast()) == nil)
        #expect(Greeting([0] + greeting.bytes.dropFirst()) == nil)
    }

    @Test(arguments: ["10.0.0.1:80", "[fd00::1]:80", "[10.0.0.1]:0"])
    func endpointsReadBackUnchanged(text: String) throws {
        #expect(try #require(Endpoint(text)).text == text)
    }

    @Test(arguments: ["", "10.0.0.1", "localhost:80", "10.0.0.1:x", "fd00::1", ":80", "10.0.0.1:"])
    func otherTextIsNoEndpoint(text: String) {
        #expect(Endpoint(text) == nil)
    }

    @Test func reportIsJSON() {
        var tally = Tally()
        tally.add(.correct, latency: 50_000)
        tally.add(.refused)
        tally.note(
            Tally.Trouble(
                milliseconds: 7, outcome: .refused, target: "[fd00::1]:80", words: "a \"b\"\n\\"))
        tally.nanoseconds = 500_000_000
        #expect(
            Report(tally).text == """
                {"altered": 0, "correct": 1, "failed": 0, "flows": 0, \
                "latency": {"max": 50, "p50": 50, "p99": 50}, "lost": 0, "milliseconds": 500, \
                "misdirected": 0, "perSecond": 2, "refused": 1, "reset": 0, "retransmitted": 0, \
                "sent": 2, "troubles": [{"at": 7, "outcome": "refused", \
                "target": "[fd00::1]:80", "words": "a \\"b\\"\\n\\\\"}]}
                """)
    }

    /// A number may be reused for another attempt before the first one expires.
    @Test func expiriesAreReturnedInOrder() {
        var queue = ExpiryQueue()
        for serial in 0..<10_000 {
            queue.add(serial % 7, UInt64(serial), at: Clock.Time(nanoseconds: UInt64(serial)))
        }
        let seen = sequence(state: queue) {
            $0.removeFirst(before: Clock.Time(nanoseconds: 9000))?.serial
        }
        #expect(Array(seen) == Array(0..<9000))
    }
}
