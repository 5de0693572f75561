import Glibc
import HostPrograms

/// A program that shows long output page by page, chosen as by git(1).
struct Pager {
    private let command: String

    /// Chooses `TPROXY_PAGER`, else `PAGER`, else less(1); nil if the user disabled it (empty or
    /// `cat`).
    init?(_ environment: [String: String]) {
        let command = environment["TPROXY_PAGER"] ?? environment["PAGER"] ?? "less"
        guard !command.isEmpty, command != "cat" else { return nil }
        self.command = command
    }

    /// Shows the text and waits for the pager; returns false if it can't be started.
    func show(_ text: String, _ environment: [String: String]) -> Bool {
        Self.prepare(environment)
        guard let pipe = unsafe popen("exec \(command)", "we") else { return false }
        // A pager may exit early, which must not end tproxy. The pager must not inherit the
        // setting.
        signal(SIGPIPE, SIG_IGN)
        unsafe fputs(text, pipe)
        // WEXITSTATUS of <sys/wait.h> is a macro. sh(1) returns 126 and 127 if it can't run the
        // program.
        let status = unsafe pclose(pipe) >> 8 & 0xFF
        return status != 126 && status != 127
    }

    /// Configures less(1) as git does: quit if the text fits one screen, show colours, leave the
    /// text.
    ///
    /// For a user of sudo(8), less(1) must not offer a root shell.
    private static func prepare(_ environment: [String: String]) {
        if environment["LESS"] == nil { unsafe setenv("LESS", "FRX", 1) }
        // The user may control PATH.
        if geteuid() == 0 { unsafe setenv("PATH", ProgramSearch.searchPath, 1) }
        if environment["SUDO_UID"] != nil { unsafe setenv("LESSSECURE", "1", 1) }
    }
}
