package import Addressing
package import RuleIR
import Netlink

extension LoopbackAlias {
    /// The metric of the address's route, which says that the address is ours: the letters "tpro".
    ///
    /// It routes nothing, since the kernel delivers its own addresses by another table.
    private static let mark: UInt32 = 0x7470_726F
    private static let attempts = 3

    /// What came of asking for the address.
    package enum Addition: Hashable, Sendable {
        /// It is new, or a process that was killed had added it.
        case added
        /// It is there, and ours.
        case found
        /// It is there without our mark.
        case foreign
    }

    /// How the address stands on its interface.
    package enum Standing: Hashable, Sendable {
        case lasting
        /// Within a minute it goes by itself.
        case passing
        case missing
    }

    /// Puts the address on the interface, where it isn't.
    ///
    /// It goes by itself after a minute unless `keep` is called. So who is killed before the kernel
    /// knows whose the address is, leaves none behind.
    package func add() throws(BackendError) -> Addition {
        do {
            let before = try InterfaceAddress.addForAMinute(
                prefix, to: interface, metric: Self.mark)
            guard let before, before.isPermanent else { return .added }
            return before.metric == Self.mark ? .found : .foreign
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
                return try InterfaceAddress.keep(prefix, on: interface, metric: Self.mark)
            } catch {
                guard attempt < Self.attempts else { throw refusal(error) }
                pause(for: .milliseconds(10))
            }
        }
    }

    /// Marks the address, which the rules of a version that had no mark say is ours.
    package func claim() throws(BackendError) {
        do {
            guard let standing = try InterfaceAddress.standing(of: prefix, on: interface),
                standing.isPermanent, standing.metric != Self.mark
            else { return }
            try InterfaceAddress.keep(prefix, on: interface, metric: Self.mark)
        } catch {
            throw refusal(error)
        }
    }

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
        if (try? add()) == .added { try? keep() }
    }

    package func standing() throws(BackendError) -> Standing {
        do {
            guard let found = try InterfaceAddress.standing(of: prefix, on: interface) else {
                return .missing
            }
            return found.isPermanent ? .lasting : .passing
        } catch {
            throw refusal(error)
        }
    }

    /// The addresses that carry our mark: those of rules that are loaded, and those whose rules others
    /// have taken away.
    package static func marked(on interface: InterfaceName) throws(BackendError) -> [LoopbackAlias]
    {
        do {
            return try InterfaceAddress.all(on: interface, .ipv6)
                .filter { $0.standing.metric == mark && $0.standing.isPermanent }
                .map { LoopbackAlias(prefix: $0.prefix, interface: interface) }
        } catch {
            throw .failed(
                operation: "listing the addresses of \(interface)", reason: error.reason)
        }
    }

    private func refusal(_ error: NetlinkError) -> BackendError {
        .addressRefused(
            address: "\(prefix.address)/\(prefix.length)", interface: interface.text,
            reason: error.reason)
    }
}
