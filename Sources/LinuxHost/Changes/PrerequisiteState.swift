import Addressing
import Netlink
package import RuleIR

/// The state of a prerequisite at one moment, to be restored later.
package struct PrerequisiteState: Hashable, Sendable {
    package var prerequisite: HostPrerequisite
    /// The metric of the address's route, by which ours are known; nil if the address is missing.
    package var metric: UInt32?

    package init(_ prerequisite: HostPrerequisite, metric: UInt32?) {
        self.prerequisite = prerequisite
        self.metric = metric
    }

    /// Reads the state; an address that expires counts as missing.
    package init(of prerequisite: HostPrerequisite) throws(BackendError) {
        self.prerequisite = prerequisite
        switch prerequisite {
        case .address(let address):
            metric = try address.found().flatMap { $0.isPermanent ? $0.metric : nil }
        }
    }

    /// Makes what was present then and is missing now, with its mark; returns whether it changed.
    package func make() throws(BackendError) -> Bool {
        guard let metric, try PrerequisiteState(of: prerequisite).metric != metric else {
            return false
        }
        switch prerequisite {
        case .address(let address):
            do throws(NetlinkError) {
                try InterfaceAddress.keep(address.prefix, on: address.interface, metric: metric)
            } catch {
                throw address.refusal(error)
            }
        }
        return true
    }

    /// Undoes what was missing then and carries our mark now; returns whether it changed.
    ///
    /// That includes an address that would expire: its load was killed.
    package func undo() throws(BackendError) -> Bool {
        guard metric == nil else { return false }
        switch prerequisite {
        case .address(let address):
            guard try address.found()?.metric == LoopbackAddress.mark else { return false }
            return try prerequisite.undo()
        }
    }
}
