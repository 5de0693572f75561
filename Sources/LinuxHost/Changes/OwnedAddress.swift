package import Addressing
import Netlink
package import RuleIR

extension LoopbackAlias {
    /// The metric of the address's route, which marks the address as ours: the letters "tpro".
    ///
    /// It doesn't affect routing, since the kernel delivers its own addresses by another table.
    private static let mark: UInt32 = 0x7470_726F
    private static let attempts = 3

    /// The result of adding the address.
    package enum Addition: Hashable, Sendable {
        /// The address is new, or a killed process had added it.
        case added
        /// The address exists and is ours.
        case found
        /// The address exists without our metric.
        case foreign
    }

    /// The lifetime of the address on its interface.
    package enum Standing: Hashable, Sendable {
        case lasting
        /// The address expires within a minute.
        case passing
        case missing
    }

    /// Adds the address to the interface if it is missing.
    ///
    /// The address expires after a minute unless `keep` is called. So a process that is killed
    /// before the rules name the address as ours leaves none behind.
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

    /// Makes the address permanent, after the rules name it as ours.
    ///
    /// The change can't be undone from here, so a failure is retried.
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

    /// Sets our metric on an address that the rules of an older version name as ours.
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

    /// Removes the address from the interface; returns false if it didn't exist.
    ///
    /// If it throws, the address is unchanged.
    package func release() throws(BackendError) -> Bool {
        do {
            return try InterfaceAddress.remove(prefix, from: interface)
        } catch {
            // The kernel may have removed the address although its answer was lost.
            restore()
            throw refusal(error)
        }
    }

    /// Undoes a `release` as far as possible.
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

    /// Returns the addresses with our metric, including those whose rules other programs removed.
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
