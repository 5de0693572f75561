import Addressing
import ArgumentParser

struct DatagramsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "datagrams",
        abstract: "Send UDP queries, each from its own port, and count which server answers them.")

    @OptionGroup var traffic: TrafficOptions
    @OptionGroup var pace: PaceOptions

    func run() throws {
        try traffic.printAttempts(.udp, pace)
    }
}
