import Glibc

/// A program that ran to its end or was stopped at the time limit, and its cost.
///
/// It starts on the calling thread, and so in its network namespace.
///
/// The peak memory that the kernel reports is never less than what the starting process itself held
/// at that moment, so this program keeps no rules in memory.
struct ProgramRun {
    enum Ending: Hashable {
        case exited(Int32)
        case killed(signal: Int32)
        /// Killed at the time limit.
        case stopped
    }

    let cost: Cost
    let ending: Ending

    /// Blocks SIGCHLD, so that children are waited for and interrupt no call.
    ///
    /// Call it once, before the first run and before any thread starts.
    static func prepare() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGCHLD)
        unsafe sigprocmask(SIG_BLOCK, &signals, nil)
    }

    /// The program's standard error goes to the file `errors`.
    init(_ call: ProgramCall, errors: String, limit: Double) throws(BenchError) {
        let start = Clock.seconds
        let process = try Self.spawn(call, errors: errors)
        let deadline = start + limit
        var status: Int32 = 0
        var usage = rusage()
        var isStopped = false
        while true {
            let reaped = unsafe wait4(process, &status, isStopped ? 0 : WNOHANG, &usage)
            if reaped == process { break }
            guard reaped == 0 || errno == EINTR else {
                throw .system(step: "waiting for \(call.program)", reason: BenchError.lastReason)
            }
            let left = deadline - Clock.seconds
            if left > 0 {
                Self.awaitChild(seconds: left)
            } else {
                kill(process, SIGKILL)
                isStopped = true
            }
        }
        cost = Cost(
            wall: Clock.seconds - start, user: Clock.seconds(usage.ru_utime),
            system: Clock.seconds(usage.ru_stime), peak: Double(usage.ru_maxrss) * 1024)
        // WIFEXITED, WEXITSTATUS and WTERMSIG of <sys/wait.h>, which are macros.
        let signal = status & 0x7F
        ending =
            isStopped
            ? .stopped : signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
    }

    private static func awaitChild(seconds: Double) {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGCHLD)
        var time = timespec(seconds: seconds)
        unsafe sigtimedwait(&signals, nil, &time)
    }

    private static func spawn(_ call: ProgramCall, errors: String) throws(BenchError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let writing = O_WRONLY | O_CREAT | O_TRUNC
        unsafe posix_spawn_file_actions_addopen(&actions, 0, call.input ?? "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(
            &actions, 1, call.output ?? "/dev/null", writing, 0o644)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, writing, 0o644)
        // The program doesn't inherit our blocked signals.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var process = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] =
            unsafe ([call.program] + call.arguments).map { unsafe strdup($0) }
        var environment: [UnsafeMutablePointer<CChar>?] =
            unsafe (["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"] + call.environment)
            .map { unsafe strdup($0) }
        unsafe environment.append(nil)
        unsafe words.append(nil)
        defer { unsafe (words + environment).forEach { unsafe free($0) } }
        let code = unsafe posix_spawn(
            &process, call.program, &actions, &attributes, &words, &environment)
        guard code == 0 else {
            throw .system(
                step: "starting \(call.program)", reason: unsafe String(cString: strerror(code)))
        }
        return process
    }
}

extension BenchError {
    /// The description of errno(3).
    static var lastReason: String { unsafe String(cString: strerror(errno)) }
}
