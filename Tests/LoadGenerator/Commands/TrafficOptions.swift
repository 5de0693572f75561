import Addressing
import ArgumentParser
import Sockets

/// Options for all traffic.
struct TrafficOptions: ParsableArguments {
    @Option(
        name: .customLong("target"), parsing: .singleValue,
        help: "The target: ADDRESS:PORT, IPv6 in brackets. Several take turns.")
    var targets: [Endpoint]

    @Option(
        name: .customLong("source"), parsing: .singleValue,
        help: "An address of this machine to send from. Several take turns.")
    var sources: [SourceAddress] = []

    @Option(help: "The server that must answer: proxy or destination.")
    var expect = Role.proxy

    @Option(help: "How long to wait for an answer.")
    var timeoutMilliseconds: UInt64 = 5000

    var timeout: UInt64 { timeoutMilliseconds * 1_000_000 }

    func validate() throws {
        guard !targets.isEmpty else { throw ValidationError("name a --target") }
    }

    /// Sends one after the other, each from a socket of its own, and prints what became of them.
    func printAttempts(_ transport: TransportProtocol, _ pace: PaceOptions) throws(SocketError) {
        Self.prepare()
        var run = try AttemptRun(
            transport, ends(transport), expecting: expect, timeout: timeout, pace.schedule)
        print(Report(run.run()).text)
    }

    /// Raises the limit of sockets, and blocks signals so that the run ends with its report.
    static func prepare() {
        DescriptorLimit.raise()
        StopSignal.block()
    }

    func ends(_ transport: TransportProtocol) -> Ends {
        Ends(transport, targets: targets, sources: sources.map(\.endpoint))
    }
}

/// The rate and the duration.
struct PaceOptions: ParsableArguments {
    @Option(help: "Sends per second, whether or not they are answered.")
    var rate: Double?

    @Option(help: "Without a rate: how many may be unanswered at once.")
    var atOnce: Int = 1

    @Option(help: "How long to send.")
    var seconds: Double = 10

    @Option(help: "The most to send.")
    var count: UInt64?

    func validate() throws {
        guard rate ?? 1 > 0, atOnce > 0, seconds > 0 else {
            throw ValidationError("a rate, a number and a time are more than 0")
        }
    }

    var schedule: Schedule {
        Schedule(rate.map(Pace.rate) ?? .atOnce(atOnce), seconds: seconds, count: count)
    }
}

/// An address with any port.
struct SourceAddress: ExpressibleByArgument {
    let endpoint: Endpoint

    init?(argument: String) {
        guard let endpoint = Endpoint("[\(argument)]:0") else { return nil }
        self.endpoint = endpoint
    }
}

extension Endpoint: ExpressibleByArgument {
    init?(argument: String) {
        self.init(argument)
    }
}

extension Role: ExpressibleByArgument {}
