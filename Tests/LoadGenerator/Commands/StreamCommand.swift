import Addressing
import ArgumentParser

struct StreamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream",
        abstract: "Keep flows open, and exchange messages on each.",
        discussion: """
            A connection that breaks is counted once and isn't opened again. 'perSecond' counts \
            messages that came back, so it is half of the packets with data in them.
            """)

    @OptionGroup var traffic: TrafficOptions

    @Flag(help: "Use UDP.")
    var udp = false

    @Option(help: "The number of flows.")
    var flows = 1

    @Option(help: "The size of a message in bytes.")
    var size = 64

    @Option(help: "The time between messages of a flow.")
    var intervalMilliseconds: UInt64 = 0

    @Option(help: "How long to send.")
    var seconds: Double = 10

    func validate() throws {
        guard flows > 0, (8...1024).contains(size), seconds > 0 else {
            throw ValidationError("flows and a time are more than 0, a message has 8 to 1024 bytes")
        }
    }

    func run() throws {
        TrafficOptions.prepare()
        let transport = udp ? TransportProtocol.udp : .tcp
        var run = try StreamRun(
            transport, traffic.ends(transport), expecting: traffic.expect,
            timeout: traffic.timeout, flows: flows, size: size,
            interval: intervalMilliseconds * 1_000_000, seconds: seconds)
        print(Report(run.run()).text)
    }
}
