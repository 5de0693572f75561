import Addressing
import ArgumentParser

struct ConnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Open connections, and count who answers them.",
        discussion: """
            Each is ended by a RST as soon as it is answered. The latency is that of the connection, \
            without the answer.
            """)

    @OptionGroup var traffic: TrafficOptions
    @OptionGroup var pace: PaceOptions

    func run() throws {
        try traffic.printAttempts(.tcp, pace)
    }
}
