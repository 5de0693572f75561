import Addressing
package import RuleIR

/// The prerequisites on their way from one installation's to the next's.
///
/// At every moment the kernel can tell whose a prerequisite is: by its mark, or because it expires.
/// A process may be killed between any two steps.
package struct PrerequisiteChange {
    /// Those that the rules should say are theirs to undo.
    package let owned: [HostPrerequisite]
    /// Those of former rules that are undone, in that order.
    package let undone: [HostPrerequisite]
    private let made: [HostPrerequisite]

    /// Makes what is `wanted`, and undoes what was `former`ly ours and isn't wanted any more.
    ///
    /// What is `shared` stays. Where it throws, all is as it was.
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

    /// Undoes what goes with rules that are to be removed.
    ///
    /// What is `shared` stays. Where it throws, all is as it was.
    package init(
        undoing former: [HostPrerequisite], sharing shared: SharedPrerequisites
    ) throws(BackendError) {
        undone = try Self.undo(former, sharing: shared)
        made = []
        owned = []
    }

    /// The last that was made goes first.
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

    /// The rules are loaded: what was made stays.
    package func commit() throws(BackendError) {
        for prerequisite in made { try prerequisite.keep() }
    }

    /// The rules were refused: the former ones are loaded and need what they had.
    package func rollBack() {
        for prerequisite in made.reversed() { _ = try? prerequisite.undo() }
        Self.restore(undone)
    }
}

extension HostPrerequisite {
    /// What came of making it.
    package enum Making: Hashable, Sendable {
        /// It is new, or a process that was killed had made it.
        case added
        /// It is there, and ours.
        case found
        /// It is there without our mark.
        case foreign
    }

    /// Whether the host has it.
    package enum Standing: String, Hashable, Sendable {
        case lasting
        /// It expires within a minute.
        case passing
        case missing
    }

    /// Makes it where it is missing.
    ///
    /// It expires unless `keep` is called. So a process that is killed before the kernel knows whose it is,
    /// leaves none behind.
    fileprivate func make() throws(BackendError) -> Making {
        switch self {
        case .address(let address): try address.add()
        }
    }

    /// Makes it stay, once the rules say that it is ours.
    fileprivate func keep() throws(BackendError) {
        switch self {
        case .address(let address): try address.keep()
        }
    }

    /// Marks it as ours, where rules of a version that set no mark say that it is.
    package func claim() throws(BackendError) {
        switch self {
        case .address(let address): try address.claim()
        }
    }

    /// Undoes it; false when it was missing.
    ///
    /// Where it throws, all is as it was.
    package func undo() throws(BackendError) -> Bool {
        switch self {
        case .address(let address): try address.release()
        }
    }

    /// Makes it again after `undo`, as far as that can be done.
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

    /// Those of a kind that carry our mark: of rules that are loaded, and of rules that other programs have
    /// deleted.
    package static func marked(_ kind: Kind) throws(BackendError) -> [HostPrerequisite] {
        switch kind {
        case .address: try LoopbackAddress.marked(on: .loopback).map { .address($0) }
        }
    }
}
