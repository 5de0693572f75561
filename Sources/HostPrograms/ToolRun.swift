import CLinux
import Glibc

/// A program run to its end, in the network namespace of the calling thread.
///
/// swift-subprocess starts programs on a thread of its own, which may be in another namespace; rules
/// would go to the host's. posix_spawn(3) starts them from this one (docs/decisions/0007).
package struct ToolRun {
    /// The exit code; 128 and the number of the signal that ended it.
    package var status: Int32
    package var output: String
    package var errors: String

    /// A program that can't be started.
    package struct NotStarted: Error {
        package var reason: String
    }

    /// Runs `path`; its standard input is `input`.
    ///
    /// Files in memory stand for pipes: no output is too long, and nobody waits for anybody.
    package init(
        _ path: String, _ arguments: [String], input: String = ""
    ) throws(NotStarted) {
        let files = (0..<3).map { _ in unsafe clinux_memory_file("tproxy") }
        defer { for file in files where file >= 0 { close(file) } }
        guard files.allSatisfy({ $0 >= 0 }), Self.write(input, to: files[0]) else {
            throw NotStarted(reason: "can't make a file in memory")
        }
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
        // The same words in every locale.
        var environment = unsafe Self.environment
        defer { unsafe environment.forEach { unsafe free($0) } }
        let code = unsafe posix_spawn(&process, path, &actions, nil, &words, &environment)
        guard code == 0 else {
            throw NotStarted(reason: unsafe String(cString: strerror(code)))
        }
        var waited: Int32 = 0
        while unsafe waitpid(process, &waited, 0) < 0 {
            guard errno == EINTR else { throw NotStarted(reason: "it can't be waited for") }
        }
        // WIFEXITED, WEXITSTATUS and WTERMSIG of <sys/wait.h>, which are macros.
        let signal = waited & 0x7F
        status = signal == 0 ? (waited >> 8) & 0xFF : 128 + signal
        output = Self.read(files[1])
        errors = Self.read(files[2])
    }

    /// What programs may see of our environment: where they find each other, the lock and the
    /// extensions of iptables, and the bus that firewall-cmd(1) asks firewalld on.
    private static let passedOn = [
        "PATH", "XTABLES_LOCKFILE", "XTABLES_LIBDIR", "DBUS_SYSTEM_BUS_ADDRESS",
    ]

    private static var environment: [UnsafeMutablePointer<CChar>?] {
        var entries: [UnsafeMutablePointer<CChar>?] = unsafe []
        for name in passedOn {
            if let value = unsafe getenv(name) {
                unsafe entries.append(strdup("\(name)=\(String(cString: value))"))
            }
        }
        unsafe entries.append(strdup("LC_ALL=C"))
        unsafe entries.append(nil)
        return unsafe entries
    }

    private static func write(_ text: String, to file: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(file, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return lseek(file, 0, SEEK_SET) == 0
    }

    private static func read(_ file: Int32) -> String {
        guard lseek(file, 0, SEEK_SET) == 0 else { return "" }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe Glibc.read(file, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
