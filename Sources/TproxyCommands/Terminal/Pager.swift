import Foundation
import Glibc

/// A program that shows long results page by page, chosen as git(1) chooses its own.
struct Pager {
    private let command: String

    /// `TPROXY_PAGER`, else `PAGER`, else less(1); nil when the user wants none (empty or `cat`).
    init?(_ environment: [String: String]) {
        let command = environment["TPROXY_PAGER"] ?? environment["PAGER"] ?? "less"
        guard !command.isEmpty, command != "cat" else { return nil }
        self.command = command
    }

    /// Shows the text and waits until the user has read it; false when the program can't be started.
    func show(_ text: String, _ environment: [String: String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "exec \(command)"]
        process.environment = Self.environment(from: environment)
        let pipe = Pipe()
        process.standardInput = pipe
        // A reader that ends early is no error of ours.
        signal(SIGPIPE, SIG_IGN)
        guard (try? process.run()) != nil else { return false }
        try? pipe.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try? pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        // 126 and 127 of sh(1): the program isn't there or may not be run.
        return process.terminationStatus != 126 && process.terminationStatus != 127
    }

    /// less(1) as git has it: quit when one screen is enough, show colours, leave the text there.
    ///
    /// For somebody who came by sudo(8) it must not be a way to a shell of root.
    private static func environment(from environment: [String: String]) -> [String: String] {
        var environment = environment
        if environment["LESS"] == nil { environment["LESS"] = "FRX" }
        if environment["SUDO_UID"] != nil { environment["LESSSECURE"] = "1" }
        return environment
    }
}
