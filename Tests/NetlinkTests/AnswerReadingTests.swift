import Glibc
import Testing

@testable import Netlink

/// The end of the kernel's answer to a query; netlink(7).
@Suite struct AnswerReadingTests {
    private static let error: UInt16 = 2
    private static let done: UInt16 = 3
    private static let link: UInt16 = 16
    private static let interrupted: UInt16 = 0x10

    /// A message with a header and, behind it, `payload`.
    private static func message(
        _ type: UInt16, flags: UInt16 = 0, _ payload: [Int32] = []
    ) -> ArraySlice<UInt32> {
        let header = [UInt32(16 + payload.count * 4), UInt32(flags) << 16 | UInt32(type), 1, 0]
        // Behind another message, as in a datagram of several.
        let memory = [0, 0, 0, 0] + header + payload.map(UInt32.init(bitPattern:))
        return memory[4...]
    }

    private static func end(
        of messages: [ArraySlice<UInt32>], isWhole: Bool = true
    ) -> (end: Int32?, parts: Int) {
        var answer = AnswerReading(isWhole: isWhole)
        let parts = messages.count { answer.take($0) }
        return (answer.end, parts)
    }

    @Test func aDumpEndsWithoutAnError() {
        let end = Self.end(of: [
            Self.message(Self.link), Self.message(Self.link), Self.message(Self.done, [0]),
        ])
        #expect(end == (0, 2))
    }

    @Test func aDumpThatEndsWithoutACodeIsComplete() {
        #expect(Self.end(of: [Self.message(Self.link), Self.message(Self.done)]) == (0, 1))
    }

    @Test(arguments: [ENOENT, EPERM, ENODEV])
    func aDumpThatEndsWithAnErrorFails(code: Int32) {
        let end = Self.end(of: [Self.message(Self.link), Self.message(Self.done, [-code])])
        #expect(end == (code, 1))
    }

    @Test func anErrorAtTheEndIsNamedThoughTheDumpWasInterrupted() {
        let last = Self.message(Self.done, flags: Self.interrupted, [-ENOENT])
        #expect(Self.end(of: [last]) == (ENOENT, 0))
    }

    @Test func anInterruptedDumpFailsWhereItMustBeWhole() {
        let messages = [
            Self.message(Self.link, flags: Self.interrupted), Self.message(Self.done, [0]),
        ]
        #expect(Self.end(of: messages) == (EINTR, 1))
        #expect(Self.end(of: messages, isWhole: false) == (0, 1))
    }

    /// Such as an answer of nf_tables in generation 128, whose number is the upper half of this word.
    @Test func aMessageMayBeginWithAnyWord() {
        #expect(Self.end(of: [Self.message(Self.link, [.min])]) == (nil, 1))
        #expect(Self.end(of: [Self.message(Self.error, [.min])]) == (.min, 0))
        #expect(Self.end(of: [Self.message(Self.done, [.min])]) == (0, 0))
    }

    @Test func anErrorOrAnAcknowledgementEndsTheAnswer() {
        #expect(Self.end(of: [Self.message(Self.error, [-EBUSY])]) == (EBUSY, 0))
        #expect(Self.end(of: [Self.message(Self.error, [0])]) == (0, 0))
        #expect(Self.end(of: [Self.message(Self.error)]) == (EBADMSG, 0))
        #expect(Self.end(of: [Self.message(Self.link)]) == (nil, 1))
    }
}
