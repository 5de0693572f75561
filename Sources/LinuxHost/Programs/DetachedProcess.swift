import CLinux
import FaultPoints
package import Glibc

/// A run of this program that outlives its terminal, its session and the process that starts it.
package enum DetachedProcess {
    /// Starts this program with `arguments`, and returns when it has called `isReady`.
    ///
    /// It has a session of its own, no terminal, and neither our files nor our working directory.
    package static func start(_ arguments: [String]) throws(ToolRun.Failure) -> pid_t {
        let ends = ReadyPipe()
        guard ends.isOpen else { throw .notStarted(code: errno) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends.writer, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_RDWR, 0)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(newSession) | Int16(POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = unsafe (["tproxy"] + arguments).map {
            unsafe strdup($0)
        }
        unsafe words.append(nil)
        defer { unsafe words.forEach { unsafe free($0) } }
        var environment = unsafe ToolRun.environment
        defer { unsafe environment.forEach { unsafe free($0) } }
        var process = pid_t()
        let code = systemCall(.programStart, failing: { $0 }) {
            unsafe posix_spawn(
                &process, ProgramFile.link, &actions, &attributes, &words, &environment)
        }
        guard code == 0 else { throw .notStarted(code: code) }
        guard ends.hears() else { throw .lost(reason: "it ended before it was ready") }
        return process
    }

    /// Tells the starting process that this one is ready, and leaves what it got from it.
    package static func isReady() {
        _ = unsafe write(STDOUT_FILENO, "\n", 1)
        leaveOutput()
    }

    /// Ignores the end of the terminal, and closes files that the starting process left open.
    package static func detach() {
        signal(SIGHUP, SIG_IGN)
        signal(SIGINT, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        _ = unsafe chdir("/")
        for number in (STDERR_FILENO + 1)..<1024 { close(number) }
    }

    private static func leaveOutput() {
        let null = unsafe open("/dev/null", O_RDWR)
        guard null >= 0 else { return }
        dup2(null, STDOUT_FILENO)
        close(null)
    }

    /// POSIX_SPAWN_SETSID, which the Glibc module omits.
    private static let newSession: Int32 = 0x80
}

/// The pipe on which a detached process tells that it is ready.
private final class ReadyPipe {
    fileprivate let reader: Int32
    fileprivate let writer: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let code = systemCall(.fileOpen) { unsafe pipe(&ends) }
        (reader, writer) = code == 0 ? (ends[0], ends[1]) : (-1, -1)
        for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    fileprivate var isOpen: Bool { reader >= 0 }

    /// Waits for the other process; returns false if it ended without a word.
    fileprivate func hears() -> Bool {
        close(writer)
        var ready = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&ready, 1, -1) < 0, errno == EINTR {}
        // A pipe that is only closed reports POLLHUP alone.
        return Int32(ready.revents) & Int32(POLLIN) != 0
    }

    deinit { if reader >= 0 { close(reader) } }
}

/// The file of this program.
package enum ProgramFile {
    /// The link to it in /proc; it leads there even if the file was replaced meanwhile.
    static let link = "/proc/self/exe"

    /// The absolute path; nil if the file was deleted or replaced.
    package static var path: String? {
        guard let target = try? KernelFile.target(of: link), target.hasPrefix("/"),
            ProgramSearch.isProgram(target)
        else { return nil }
        return target
    }
}
