import Addressing
import ArgumentParser
import JSON

struct FloodCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flood",
        abstract: "Send TCP SYN segments through raw sockets, without waiting for answers.",
        discussion: """
            Each segment has the next of all source ports and addresses. Its sequence number is the \
            number of its target, from 1 in the order of the options, which no rule changes: a rule \
            that matches 'tcp sequence' counts how the segments to a target are treated. Drop them in \
            the filter hook. Then conntrack never confirms them, so each is the first packet of a \
            connection and the connection table doesn't fill up. A segment that the host's own rules \
            drop counts as sent.
            """)

    @Option(
        name: .customLong("target"), parsing: .singleValue,
        help: "The target: [UID@]ADDRESS:PORT, IPv6 in brackets. Several take turns.")
    var targets: [FloodTarget]

    @Option(
        name: .customLong("source"), parsing: .singleValue,
        help: "An address to send from; each family needs one. Several take turns.")
    var sources: [SourceAddress]

    @Option(help: "Segments per second; by default as fast as possible.")
    var rate: Double?

    @Option(help: "How long to send.")
    var seconds: Double = 10

    @Option(help: "The most segments to send.")
    var count: UInt64?

    func validate() throws {
        guard !targets.isEmpty else { throw ValidationError("name a --target") }
        guard rate ?? 1 > 0, seconds > 0 else {
            throw ValidationError("a rate and a time are more than 0")
        }
        for target in targets where sources(for: target).isEmpty {
            throw ValidationError("name a --source of the family of \(target.endpoint.text)")
        }
    }

    func run() throws {
        StopSignal.block()
        var senders: [FloodSender] = []
        for (index, target) in targets.enumerated() {
            senders.append(
                try FloodSender(target, number: UInt32(index + 1), from: sources(for: target)))
        }
        let pace = rate.map(Pace.rate) ?? .atOnce(FloodRun.burst)
        var run = FloodRun(senders, Schedule(pace, seconds: seconds, count: count))
        print(try run.run().text(.line))
    }

    private func sources(for target: FloodTarget) -> [Endpoint] {
        sources.map(\.endpoint).filter { $0.family == target.endpoint.family }
    }
}

extension FloodTarget: ExpressibleByArgument {
    init?(argument: String) {
        self.init(argument)
    }
}
