import Addressing
package import RuleIR

/// The change of an installation's prerequisites from one ruleset's to the next one's.
///
/// At every moment the kernel's state shows whose a prerequisite is: it carries our mark, or it
/// expires. A process may be killed between any two steps.
package struct PrerequisiteChange {
    /// The prerequisites that the rules should record as theirs to undo.
    package let owned: [HostPrerequisite]
    /// The prerequisites of the former rules that were undone, in that order.
    package let undone: [HostPrerequisite]
    /// The prerequisites that the host lacked and that were made.
    package let made: [HostPrerequisite]

    /// Makes the `wanted` prerequisites, and undoes the `former` ones that aren't wanted.
    ///
    /// Keeps those that are `shared`. On error, the host is unchanged.
    package init(
        from former: [HostPrerequisite], to wanted: [HostPrerequisite],
        sharing shared: SharedPrerequisites = .none
    ) throws(BackendError) {
        for prerequisite in former { try prerequisite.claim() }
        var made: [HostPrerequisite] = []
        var owned: [HostPrerequisite] = []
        do throws(BackendError) {
            for prerequisite in wanted {
                switch try prerequisite.make() {
                case .added:
                    made.append(prerequisite)
                    owned.append(prerequisite)
                case .found: owned.append(prerequisite)
                case .foreign: break
                }
            }
            undone = try Self.undo(former.filter { !wanted.contains($0) }, sharing: shared)
        } catch {
            for prerequisite in made.reversed() { _ = try? prerequisite.undo() }
            throw error
        }
        self.made = made
        self.owned = owned
    }

    /// Undoes the prerequisites of rules that are to be removed.
    ///
    /// Keeps those that are `shared`. On error, the host is unchanged.
    package init(
        undoing former: [HostPrerequisite], sharing shared: SharedPrerequisites
    ) throws(BackendError) {
        undone = try Self.undo(former, sharing: shared)
        made = []
        owned = []
    }

    /// Undoes prerequisites in reverse order of their making, and returns them.
    private static func undo(
        _ former: [HostPrerequisite], sharing shared: SharedPrerequisites
    ) throws(BackendError) -> [HostPrerequisite] {
        var undone: [HostPrerequisite] = []
        do throws(BackendError) {
            for prerequisite in former.reversed() where !shared.contains(prerequisite) {
                if try prerequisite.undo() { undone.append(prerequisite) }
            }
        } catch {
            restore(undone)
            throw error
        }
        return undone
    }

    private static func restore(_ undone: [HostPrerequisite]) {
        for prerequisite in undone.reversed() { prerequisite.restore() }
    }

    /// Makes the new prerequisites permanent, after the rules are loaded.
    package func commit() throws(BackendError) {
        for prerequisite in made { try prerequisite.keep() }
    }

    /// Restores the former prerequisites, after the kernel refused the rules.
    package func rollBack() {
        for prerequisite in made.reversed() { _ = try? prerequisite.undo() }
        Self.restore(undone)
    }
}

extension HostPrerequisite {
    /// The result of making a prerequisite.
    package enum Making: Hashable, Sendable {
        /// It was missing, or only a killed process had made it.
        case added
        /// It exists and carries our mark.
        case found
        /// It exists without our mark.
        case foreign
    }

    /// The state of a prerequisite on the host.
    package enum Standing: String, Hashable, Sendable {
        case lasting
        /// It exists and expires within a minute.
        case passing
        case missing
    }

    /// Makes the prerequisite if it is missing.
    ///
    /// It expires unless `keep` is called. So a process that is killed before the kernel records
    /// the owner leaves none behind.
    fileprivate func make() throws(BackendError) -> Making {
        switch self {
        case .address(let address): try address.add()
        }
    }

    /// Makes it permanent, after the rules record that it is ours.
    fileprivate func keep() throws(BackendError) {
        switch self {
        case .address(let address): try address.keep()
        }
    }

    /// Marks it as ours, for rules of a version that recorded it without a mark.
    package func claim() throws(BackendError) {
        switch self {
        case .address(let address): try address.claim()
        }
    }

    /// Undoes the prerequisite; returns false if it was missing.
    ///
    /// On error, the host is unchanged.
    package func undo() throws(BackendError) -> Bool {
        switch self {
        case .address(let address): try address.release()
        }
    }

    /// Makes it again after `undo`, as far as possible.
    fileprivate func restore() {
        switch self {
        case .address(let address): address.restore()
        }
    }

    package func standing() throws(BackendError) -> Standing {
        switch self {
        case .address(let address): try address.standing()
        }
    }

    /// Returns the prerequisites of a kind that carry our mark.
    ///
    /// They belong to rules that are loaded, or that other programs have deleted.
    package static func marked(_ kind: Kind) throws(BackendError) -> [HostPrerequisite] {
        switch kind {
        case .address: try LoopbackAddress.marked(on: .loopback).map { .address($0) }
        }
    }
}
