import Addressing
import ArgumentParser

struct DatagramsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "datagrams",
        abstract: "Send queries by UDP, each from a port of its own, and count who answers them.")

    @OptionGroup var traffic: TrafficOptions
    @OptionGroup var pace: PaceOptions

    func run() throws {
        try traffic.printAttempts(.udp, pace)
    }
}
