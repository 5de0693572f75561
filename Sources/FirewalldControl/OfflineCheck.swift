import FaultPoints
import Glibc
import LinuxHost
import TextSearch

/// The verdict of firewall-offline-cmd(1) on a `direct.xml` before it is installed.
///
/// The program finds malformed XML and unknown elements, attributes and tables. It doesn't find
/// what iptables would refuse, such as an unknown target or a jump to a missing chain.
package enum OfflineCheck: Hashable, Sendable {
    case passed
    /// firewalld's message.
    case refused(String)
    /// The program is missing, doesn't know the option, or lacks privileges.
    case notDone(String)

    private static let file = "direct.xml"
    private static let chosenByMkdtemp = String(repeating: "X", count: 6)

    /// Runs the check in a temporary directory in which the file is the whole configuration.
    package init(of directXML: [UInt8]) {
        guard let program = ProgramSearch.path(of: "firewall-offline-cmd") else {
            self = .notDone("firewall-offline-cmd is missing")
            return
        }
        guard let folder = Self.makeFolder() else {
            self = .notDone("can't create a directory: \(unsafe String(cString: strerror(errno)))")
            return
        }
        let path = "\(folder)/\(Self.file)"
        defer {
            unsafe unlink(path)
            unsafe rmdir(folder)
        }
        guard Self.write(directXML, to: path) else {
            self = .notDone("can't write: \(unsafe String(cString: strerror(errno)))")
            return
        }
        do {
            let run = try ToolRun(program, ["--system-config", folder, "--check-config"])
            self = Self.verdict(on: run, folder)
        } catch {
            self = .notDone(error.reason)
        }
    }

    private static func verdict(on run: ToolRun, _ folder: String) -> OfflineCheck {
        guard run.status != FirewalldExit.success else { return .passed }
        let words = FirewalldMessages.of(run)
        // A wrong option and an error that Python detects have the same code.
        guard run.errors.contains(text: FirewalldMessages.configurationError) else {
            return .notDone(words)
        }
        return .refused(words.replacing(text: "'\(folder)/\(file)': ", with: ""))
    }

    private static func makeFolder() -> String? {
        var template = Array("/tmp/tproxy-firewalld-\(Self.chosenByMkdtemp)".utf8CString)
        guard unsafe systemCall(.folderMake, { unsafe mkdtemp(&template) }) != nil else {
            return nil
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func write(_ bytes: [UInt8], to path: String) -> Bool {
        let descriptor = systemCall(.fileCreate) {
            unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        }
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                systemCall(.fileWrite) {
                    unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
                }
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
