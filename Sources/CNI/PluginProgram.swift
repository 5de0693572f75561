import FaultPoints
import Glibc
import LinuxHost

/// The plugin as a program: the reply goes to standard output and standard error.
package enum PluginProgram {
    /// The name by which runtimes call the plugin.
    package static let name = "tproxy-cni"

    /// Replies to the call of this process, and ends it.
    package static func run() -> Never {
        let reply = CNIPlugin.reply(environment: ProcessEnvironment.variables)
        write(reply.log, to: STDERR_FILENO)
        exit(write(reply.output, to: STDOUT_FILENO) ? reply.status : 1)
    }

    /// Writes the whole text; returns whether that succeeded.
    @discardableResult
    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var rest = unsafe UnsafeRawBufferPointer(bytes)[...]
            while unsafe !rest.isEmpty {
                let count = systemCall(.print) {
                    unsafe Glibc.write(
                        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                unsafe rest = rest.dropFirst(count)
            }
            return true
        }
    }
}
