import CLinux
import Foundation

/// A folder that is deleted at the end of a test.
final class TemporaryFolder: Sendable {
    private let url = FileManager.default.temporaryDirectory
        .appendingPathComponent("tproxy-files-\(UUID().uuidString)")

    init() {
        try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String) -> String { url.path + "/" + name }

    /// All names in it, also hidden ones.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
    }

    /// Writes in place, like a program that ignores the lock.
    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: url.appendingPathComponent(name))
    }

    func text(_ name: String) -> String? {
        try? String(contentsOfFile: path(name), encoding: .utf8)
    }

    func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path(name))[.posixPermissions] as? Int
    }

    func inode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path(name))[.systemFileNumber] as? Int
    }

    /// False where the file system has no such attributes.
    func setAttribute(_ attribute: String, _ value: String, of name: String) -> Bool {
        let bytes = Array(value.utf8)
        return setxattr(path(name), attribute, bytes, bytes.count, 0) == 0
    }

    func attribute(_ attribute: String, of name: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = getxattr(path(name), attribute, &buffer, buffer.count)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
