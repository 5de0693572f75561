import CLinux
import FaultPoints
import Glibc

/// Runs a program to its end, in the network namespace of the calling thread.
///
/// swift-subprocess starts programs on a thread of its own, which may be in another namespace, so
/// rules would go to the host's. posix_spawn(3) starts them from the calling thread
/// (docs/decisions/0007).
package struct ToolRun {
    /// The exit code.
    package var status: Int32
    package var output: String
    package var errors: String

    /// The program's result is unknown.
    package enum Failure: Error, Hashable, Sendable {
        /// An errno(3) value.
        case notStarted(code: Int32)
        /// The program was started, but may not have finished, or its output was lost.
        case lost(reason: String)

        package var reason: String {
            switch self {
            case .notStarted(let code):
                "it can't be started: \(unsafe String(cString: strerror(code)))"
            case .lost(let reason): reason
            }
        }

        /// Whether another attempt may succeed.
        package var isTemporary: Bool {
            switch self {
            case .notStarted(let code): ![ENOENT, EACCES, ENOEXEC].contains(code)
            case .lost: true
            }
        }
    }

    /// Runs `path` with the standard input `input`.
    ///
    /// Memory files serve as pipes: output has no limit, and neither process waits for the other.
    /// `seconds` limits the program's processor time, even after this process has ended.
    package init(
        _ path: String, _ arguments: [String], input: String = "", seconds: UInt32? = nil
    ) throws(Failure) {
        let files = (0..<3).map { _ in
            systemCall(.memoryFile) { unsafe clinux_memory_file("tproxy") }
        }
        defer { for file in files where file >= 0 { close(file) } }
        guard files.allSatisfy({ $0 >= 0 }), Self.write(input, to: files[0]) else {
            throw .notStarted(code: errno)
        }
        let ended = try systemCall(.programRun, failing: { (_) throws(Failure) in SIGKILL }) {
            () throws(Failure) -> Int32 in
            let process = try Self.start(path, arguments, files)
            if let seconds { clinux_limit_processor_time(process, seconds) }
            return try Self.wait(for: process)
        }
        // WIFEXITED, WEXITSTATUS and WTERMSIG of <sys/wait.h>, which are macros.
        let signal = ended & 0x7F
        guard signal == 0 else {
            let name = unsafe String(cString: strsignal(signal))
            throw .lost(reason: "it was killed by signal \(signal) (\(name))")
        }
        status = (ended >> 8) & 0xFF
        output = try Self.read(files[1])
        errors = try Self.read(files[2])
    }

    private static func start(
        _ path: String, _ arguments: [String], _ files: [Int32]
    ) throws(Failure) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in files.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, file, Int32(number))
        }
        var process = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([path] + arguments).map {
            unsafe strdup($0)
        }
        unsafe words.append(nil)
        defer { unsafe words.forEach { unsafe free($0) } }
        // The same messages in every locale.
        var environment = unsafe Self.environment
        defer { unsafe environment.forEach { unsafe free($0) } }
        // A parent may have ignored this signal; then the kernel would keep no exit status.
        signal(SIGCHLD, SIG_DFL)
        let code = systemCall(.programStart, failing: { $0 }) {
            unsafe posix_spawn(&process, path, &actions, nil, &words, &environment)
        }
        guard code == 0 else {
            throw .notStarted(code: code)
        }
        return process
    }

    /// Waits for the program and returns the status of wait(2).
    private static func wait(for process: pid_t) throws(Failure) -> Int32 {
        var ended: Int32 = 0
        while systemCall(.programWait, { unsafe waitpid(process, &ended, 0) }) < 0 {
            guard errno == EINTR else { throw .lost(reason: "waiting for it failed") }
        }
        return ended
    }

    /// The environment variables that programs receive.
    ///
    /// They name the lock and the extensions of iptables, and the bus of firewall-cmd(1).
    private static let passedOn = [
        "XTABLES_LOCKFILE", "XTABLES_LIBDIR", "DBUS_SYSTEM_BUS_ADDRESS",
    ]

    static var environment: [UnsafeMutablePointer<CChar>?] {
        var entries: [UnsafeMutablePointer<CChar>?] = unsafe []
        for name in passedOn {
            if let value = unsafe getenv(name) {
                unsafe entries.append(strdup("\(name)=\(String(cString: value))"))
            }
        }
        // Programs find each other in these folders.
        unsafe entries.append(strdup("PATH=\(ProgramSearch.searchPath)"))
        unsafe entries.append(strdup("LC_ALL=C"))
        unsafe entries.append(nil)
        return unsafe entries
    }

    private static func write(_ text: String, to file: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                systemCall(.memoryWrite) {
                    unsafe Glibc.write(file, buffer.baseAddress, buffer.count)
                }
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return lseek(file, 0, SEEK_SET) == 0
    }

    private static func read(_ file: Int32) throws(Failure) -> String {
        guard lseek(file, 0, SEEK_SET) == 0 else {
            throw .lost(reason: "its output can't be read")
        }
        do throws(ReadFailure) {
            let bytes = try FileBytes.read(from: file, upTo: .max, step: .programOutput)
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            throw .lost(reason: "its output can't be read")
        }
    }
}
