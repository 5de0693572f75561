import Addressing
package import RuleIR
import Rtnetlink

extension LoopbackAlias {
    /// Puts the address on the interface; false when it was there, and so isn't ours to remove.
    ///
    /// It goes by itself after a minute unless `keep` is called. So who is killed before the kernel
    /// knows whose the address is, leaves none behind.
    package func add() throws(BackendError) -> Bool {
        do {
            return try InterfaceAddress.addForAMinute(prefix, to: interface)
        } catch {
            throw refusal(error)
        }
    }

    /// Makes the address stay, once the rules say that it is ours.
    ///
    /// There is no way back from here, so a failure is tried again.
    package func keep() throws(BackendError) {
        for attempt in 1... {
            do {
                return try InterfaceAddress.keep(prefix, on: interface)
            } catch {
                guard attempt < Self.attempts else { throw refusal(error) }
                pause(for: .milliseconds(10))
            }
        }
    }

    private static let attempts = 3

    /// Takes the address off the interface; false when it was gone.
    ///
    /// Where it throws, the address is as it was.
    package func release() throws(BackendError) -> Bool {
        do {
            return try InterfaceAddress.remove(prefix, from: interface)
        } catch {
            // The kernel may have taken it away, and the answer was lost.
            restore()
            throw refusal(error)
        }
    }

    /// Undoes a `release`, as far as it can be done.
    package func restore() {
        if (try? add()) == true { try? keep() }
    }

    private func refusal(_ error: NetlinkError) -> BackendError {
        .addressRefused(
            address: "\(prefix.address)/\(prefix.length)", interface: interface.text,
            reason: error.reason)
    }
}
