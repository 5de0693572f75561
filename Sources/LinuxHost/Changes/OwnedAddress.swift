import Addressing
package import RuleIR
import Netlink

extension LoopbackAddress {
    /// The metric of the address's route, which marks the address as ours: the letters "tpro".
    ///
    /// It doesn't affect routing, since the kernel delivers to local addresses by another table.
    package static let mark: UInt32 = 0x7470_726F
    private static let attempts = 3

    /// Adds the address to the interface if it is missing; it expires after a minute.
    func add() throws(BackendError) -> HostPrerequisite.Making {
        do {
            let before = try InterfaceAddress.addTemporarily(
                prefix, to: interface, metric: Self.mark)
            guard let before, before.isPermanent else { return .added }
            return before.metric == Self.mark ? .found : .foreign
        } catch {
            throw refusal(error)
        }
    }

    /// Makes the address permanent.
    ///
    /// This change can't be rolled back, so a failed attempt is repeated.
    func keep() throws(BackendError) {
        for attempt in 1... {
            do {
                return try InterfaceAddress.keep(prefix, on: interface, metric: Self.mark)
            } catch {
                guard attempt < Self.attempts else { throw refusal(error) }
                pause(for: .milliseconds(10))
            }
        }
    }

    func claim() throws(BackendError) {
        do {
            guard let standing = try InterfaceAddress.standing(of: prefix, on: interface),
                standing.isPermanent, standing.metric != Self.mark
            else { return }
            try InterfaceAddress.keep(prefix, on: interface, metric: Self.mark)
        } catch {
            throw refusal(error)
        }
    }

    /// Removes the address from the interface; returns false if it didn't exist.
    ///
    /// On error, the address is unchanged.
    func release() throws(BackendError) -> Bool {
        do {
            return try InterfaceAddress.remove(prefix, from: interface)
        } catch {
            // The kernel may have removed the address although its answer was lost.
            restore()
            throw refusal(error)
        }
    }

    /// Undoes a `release`, as far as possible.
    func restore() {
        if (try? add()) == .added { try? keep() }
    }

    func standing() throws(BackendError) -> HostPrerequisite.Standing {
        guard let found = try found() else { return .missing }
        return found.isPermanent ? .lasting : .passing
    }

    /// Reads the address of the interface; nil if it is missing.
    func found() throws(BackendError) -> InterfaceAddress.Standing? {
        do {
            return try InterfaceAddress.standing(of: prefix, on: interface)
        } catch {
            throw refusal(error)
        }
    }

    /// Returns the permanent addresses that carry our mark.
    static func marked(on interface: InterfaceName) throws(BackendError) -> [LoopbackAddress] {
        do {
            return try InterfaceAddress.all(on: interface, .ipv6)
                .filter { $0.standing.metric == mark && $0.standing.isPermanent }
                .map { LoopbackAddress(prefix: $0.prefix, interface: interface) }
        } catch {
            throw .failed(
                operation: "listing the addresses of \(interface)", reason: error.reason)
        }
    }

    func refusal(_ error: NetlinkError) -> BackendError {
        .addressRefused(
            address: "\(prefix.address)/\(prefix.length)", interface: interface.text,
            reason: error.reason)
    }
}
