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
    package func keep() throws(BackendError) {
        do {
            try InterfaceAddress.keep(prefix, on: interface)
        } catch {
            throw refusal(error)
        }
    }

    /// Takes the address off the interface; false when it was gone.
    package func release() throws(BackendError) -> Bool {
        do {
            return try InterfaceAddress.remove(prefix, from: interface)
        } catch {
            throw refusal(error)
        }
    }

    private func refusal(_ error: NetlinkError) -> BackendError {
        .addressRefused(
            address: "\(prefix.address)/\(prefix.length)", interface: interface.text,
            reason: error.reason)
    }
}
