import ArgumentParser

/// `tproxy install transparent-proxy`: kumactl's words for `apply`.
struct InstallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "kumactl's words for apply.",
        subcommands: [TransparentProxy.self])

    struct TransparentProxy: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "transparent-proxy", abstract: "The same as 'tproxy apply'.")

        @OptionGroup var options: ApplyOptions

        func run() throws {
            try options.run()
        }
    }
}

/// `tproxy uninstall transparent-proxy`: kumactl's words for `remove`.
struct UninstallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "kumactl's words for remove.",
        subcommands: [TransparentProxy.self])

    struct TransparentProxy: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "transparent-proxy", abstract: "The same as 'tproxy remove'.")

        @OptionGroup var options: RemoveOptions

        func run() throws {
            try options.run()
        }
    }
}
