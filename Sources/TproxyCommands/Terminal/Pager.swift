import Glibc
import LinuxHost

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
        Self.prepare(environment)
        guard let pipe = unsafe popen("exec \(command)", "we") else { return false }
        // A reader that ends early is no error of ours; the reader itself must not inherit that.
        signal(SIGPIPE, SIG_IGN)
        unsafe fputs(text, pipe)
        // WEXITSTATUS of <sys/wait.h>, which is a macro. 126 and 127 of sh(1): the program isn't there
        // or may not be run.
        let status = unsafe pclose(pipe) >> 8 & 0xFF
        return status != 126 && status != 127
    }

    /// less(1) as git has it: quit when one screen is enough, show colours, leave the text there.
    ///
    /// For somebody who came by sudo(8) it must not be a way to a shell of root.
    private static func prepare(_ environment: [String: String]) {
        if environment["LESS"] == nil { unsafe setenv("LESS", "FRX", 1) }
        // Whoever owns PATH.
        if geteuid() == 0 { unsafe setenv("PATH", ProgramSearch.searchPath, 1) }
        if environment["SUDO_UID"] != nil { unsafe setenv("LESSSECURE", "1", 1) }
    }
}
