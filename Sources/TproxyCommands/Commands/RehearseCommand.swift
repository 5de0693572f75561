import ArgumentParser

struct RehearseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Apply in throwaway namespaces, send real packets, compare with explain.")

    func run() throws {}
}
