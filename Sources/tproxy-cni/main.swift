import CNI
import FaultPoints
import Glibc
import LinuxHost

let reply = CNIPlugin.reply(environment: ProcessEnvironment.variables)
write(reply.log, to: STDERR_FILENO)
exit(write(reply.output, to: STDOUT_FILENO) ? reply.status : 1)

/// Writes the whole text; returns whether that succeeded.
@discardableResult
func write(_ text: String, to descriptor: Int32) -> Bool {
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
