import Foundation
import Glibc

/// The two ends of a browser's `--remote-debugging-pipe`: messages in JSON, each ended by a zero.
///
/// They are the browser's descriptors 3 and 4. They are named pipes, because a program that is
/// started here inherits only the first three descriptors.
struct DevToolsPipe: ~Copyable {
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    let commandPath: String
    let answerPath: String
    private let commands: Int32
    private let answers: Int32
    /// False when the pipes couldn't be made.
    let isOpen: Bool

    /// Makes the pipes in `folder`.
    init(in folder: URL) {
        let paths = ["commands", "answers"].map { folder.appendingPathComponent($0).path }
        // For reading and writing, so that opening doesn't wait for the other end.
        let ends = paths.map { path in
            mkfifo(path, 0o600) == 0 ? open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1
        }
        (commandPath, answerPath) = (paths[0], paths[1])
        (commands, answers) = (ends[0], ends[1])
        isOpen = ends.allSatisfy { $0 >= 0 }
    }

    deinit {
        for end in [commands, answers] where end >= 0 { close(end) }
    }

    /// Writes as many bytes as fit; returns their number.
    func send(_ bytes: some Collection<UInt8>) throws -> Int {
        let bytes = Array(bytes)
        let count = write(commands, bytes, bytes.count)
        guard count >= 0 || errno == EAGAIN else {
            throw Broken(description: "can't write to the browser")
        }
        return max(0, count)
    }

    /// Reads the available bytes, perhaps none.
    func receive() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(answers, &buffer, buffer.count)
        guard count >= 0 || errno == EAGAIN else {
            throw Broken(description: "can't read from the browser")
        }
        return Array(buffer.prefix(max(0, count)))
    }
}
