import Addressing
import ArgumentParser

struct ConnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Open connections, and count which server answers them.",
        discussion: """
            A RST ends each as soon as it is answered. The latency is that of the connection, \
            without the answer.
            """)

    @OptionGroup var traffic: TrafficOptions
    @OptionGroup var pace: PaceOptions

    func run() throws {
        try traffic.printAttempts(.tcp, pace)
    }
}
