import Netlink
import Synchronization

/// Caches the table that was read last.
///
/// The kernel restarts a dump of intervals for each message of 32 KiB, so that reading a long set
/// takes longer than loading it. An apply looks at the table three times: to find it, to report
/// the changes, and to make them.
///
/// A reading is used again only in the same network namespace and nf_tables generation, which every
/// change by any program increments. The counters of its rules are those of the first reading.
final class LoadedTables: Sendable {
    private struct Known {
        var namespace: UInt64
        var generation: UInt32
        var name: String
        var table: LoadedTable?
    }

    private let last = Mutex<Known?>(nil)

    /// Reads the table; nil if it doesn't exist.
    func read(
        _ name: String, in socket: borrowing MnlSocket
    ) throws(KernelFailure) -> LoadedTable? {
        try read(name, socket.generation(), in: socket)
    }

    /// Returns the table of the current generation, which is read unless it is known.
    func current(
        _ name: String, in socket: borrowing MnlSocket
    ) throws(KernelFailure) -> LoadedTable? {
        try current(name, socket.generation(), in: socket)
    }

    /// Returns the table of `generation`, the current one; it is read unless it is known.
    func current(
        _ name: String, _ generation: UInt32?, in socket: borrowing MnlSocket
    ) throws(KernelFailure) -> LoadedTable? {
        if let known = last.withLock(\.self), known.name == name, known.generation == generation,
            known.namespace == socket.namespaceCookie
        {
            return known.table
        }
        return try read(name, generation, in: socket)
    }

    private func read(
        _ name: String, _ generation: UInt32?, in socket: borrowing MnlSocket
    ) throws(KernelFailure) -> LoadedTable? {
        let table = try LoadedTable(name, generation, in: socket)
        // A change between two dumps interrupts neither.
        if let namespace = socket.namespaceCookie, let generation,
            try socket.generation() == generation
        {
            last.withLock {
                $0 = Known(
                    namespace: namespace, generation: generation, name: name, table: table)
            }
        }
        return table
    }
}
