import CEBPF
import FaultPoints
import Glibc

/// Attaches the programs of a load, or puts them in place of those that are attached.
///
/// Each replacement is one step of the kernel, so a connection is decided by the old rules or by the
/// new ones. `rollBack` undoes what was done.
struct Attachment: ~Copyable {
    private enum Change {
        /// The descriptor of the program that was replaced, which this owns.
        case replaced(HookedProgram, former: Int32)
        case attached(HookedProgram)
    }

    private let folder: PinFolder
    private let cgroup: Int32
    private let namespace: Int32
    private var changes: [Change] = []

    /// The descriptors of the cgroup and the namespace stay the caller's.
    init(_ folder: PinFolder, cgroup: Int32, namespace: Int32) {
        self.folder = folder
        self.cgroup = cgroup
        self.namespace = namespace
    }

    deinit {
        for case .replaced(_, let former) in changes { close(former) }
    }

    mutating func attach(
        _ program: HookedProgram, _ descriptor: Int32
    ) throws(KernelFailure) {
        let path = folder.link(of: program)
        if let link = try KernelObject.pinned(at: path) {
            if try replace(program, descriptor, behind: link) { return }
            // The cgroup or the namespace of the link is gone.
            try PinFolder.unpin(path)
        }
        let target = program.isOfNamespace ? namespace : cgroup
        let made = systemCall(.bpfAttach) { cebpf_attach(descriptor, target, program.number) }
        guard made >= 0 else { throw KernelFailure("attaching \(program.name)") }
        // Until it is pinned, the kernel detaches it when this process ends.
        let link = KernelObject(made)
        try link.pin(at: path)
        changes.append(.attached(program))
    }

    /// Returns false if the link does nothing.
    private mutating func replace(
        _ program: HookedProgram, _ descriptor: Int32, behind link: borrowing KernelObject
    ) throws(KernelFailure) -> Bool {
        let facts = try link.linkFacts()
        guard facts.target != 0 else { return false }
        let former = systemCall(.bpfRead) { cebpf_program_with_id(facts.program) }
        guard former >= 0 else { throw KernelFailure("opening the program \(facts.program)") }
        let number = link.number
        let result = systemCall(.bpfAttach) { cebpf_replace(number, descriptor) }
        guard result == 0 else {
            let failure = KernelFailure("replacing \(program.name)")
            close(former)
            guard failure.code == ENOLINK else { throw failure }
            return false
        }
        changes.append(.replaced(program, former: former))
        return true
    }

    /// Restores the former programs, and detaches those that were attached.
    func rollBack() {
        for change in changes.reversed() {
            switch change {
            case .replaced(let program, let former):
                guard let link = try? KernelObject.pinned(at: folder.link(of: program)) else {
                    continue
                }
                _ = cebpf_replace(link.number, former)
            case .attached(let program): _ = try? Self.detach(program, in: folder)
            }
        }
    }

    /// Detaches a program at once, also for processes that hold its link.
    ///
    /// Returns false if it wasn't attached.
    static func detach(
        _ program: HookedProgram, in folder: PinFolder
    ) throws(KernelFailure) -> Bool {
        let path = folder.link(of: program)
        guard let link = try KernelObject.pinned(at: path) else { return false }
        let number = link.number
        let result = systemCall(.bpfAttach) { cebpf_detach(number) }
        guard result == 0 || errno == ENOLINK else {
            throw KernelFailure("detaching \(program.name)")
        }
        try PinFolder.unpin(path)
        return true
    }
}
