import CLinux
import Glibc

/// A network namespace without a name: it goes when the last descriptor and socket of it go.
///
/// Namespaces belong to threads; a rehearsal runs on one thread from beginning to end.
package final class Namespace {
    package let descriptor: Int32

    /// The namespace that the thread is in.
    package static func current() throws(RehearsalError) -> Namespace {
        let descriptor = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("opening the network namespace") }
        return Namespace(descriptor: descriptor)
    }

    /// A new one, which the thread is then in.
    package static func fresh() throws(RehearsalError) -> Namespace {
        guard clinux_unshare_network() == 0 else {
            throw .system("creating a network namespace (CAP_SYS_ADMIN)")
        }
        return try current()
    }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Moves the thread there.
    package func enter() throws(RehearsalError) {
        guard clinux_enter_network(descriptor) == 0 else {
            throw .system("entering a network namespace (CAP_SYS_ADMIN)")
        }
    }
}

extension RehearsalError {
    /// The text of errno(3) for a step that has just failed.
    static func system(_ step: String, code: Int32 = errno) -> RehearsalError {
        if code == EPERM || code == EACCES { return .notPermitted(step: step) }
        return .setUpFailed(step: step, reason: unsafe String(cString: strerror(code)))
    }
}
