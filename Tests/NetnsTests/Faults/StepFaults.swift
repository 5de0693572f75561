import FaultPoints

/// The faults of a step, by the names of `TPROXY_FAULT`.
struct StepFaults {
    /// The errors that the system can return.
    var errors: [String]
    /// Whether it changes something that outlives the process, or starts such a change: then each
    /// occurrence is tried.
    ///
    /// A kill at another step equals a kill after the last one that does.
    var changes = false
    /// Whether it waits for a process that a kill leaves behind.
    var waits = false
}

extension SystemStep {
    var faults: StepFaults {
        switch self {
        case .fileOpen: StepFaults(errors: ["EMFILE", "EACCES"])
        case .fileCreate: StepFaults(errors: ["ENOSPC", "EACCES", "EROFS"], changes: true)
        case .fileStatus: StepFaults(errors: ["EIO"])
        case .fileRead: StepFaults(errors: ["EIO", "EINTR"])
        case .fileWrite: StepFaults(errors: ["ENOSPC", "EIO", "EINTR", "EDQUOT"], changes: true)
        case .fileOwner, .fileMode: StepFaults(errors: ["EPERM", "EIO"], changes: true)
        case .attributeRead: StepFaults(errors: ["EIO"])
        case .attributeWrite: StepFaults(errors: ["EPERM", "ENOSPC"], changes: true)
        case .fileSync: StepFaults(errors: ["EIO", "ENOSPC"], changes: true)
        case .fileRename: StepFaults(errors: ["EIO", "EACCES", "ENOSPC"], changes: true)
        case .fileDelete: StepFaults(errors: ["EIO", "EPERM"], changes: true)
        case .folderMake: StepFaults(errors: ["ENOSPC", "EACCES"], changes: true)
        case .folderSync: StepFaults(errors: ["EIO"], changes: true)
        case .folderLock: StepFaults(errors: ["EINTR", "ENOLCK"])
        case .memoryFile: StepFaults(errors: ["ENOMEM"])
        case .memoryWrite: StepFaults(errors: ["ENOMEM", "EINTR"])
        case .programStart: StepFaults(errors: ["EAGAIN", "ENOENT"])
        case .programWait: StepFaults(errors: ["EINTR", "ECHILD-after"], waits: true)
        case .programRun: StepFaults(errors: ["EINTR", "EINTR-after"], changes: true)
        case .programOutput: StepFaults(errors: ["EIO", "EINTR", "short"])
        case .timer: StepFaults(errors: ["EMFILE", "ENOMEM"])
        case .netlinkOpen: StepFaults(errors: ["EMFILE", "ENOBUFS"])
        case .netlinkRequest: StepFaults(errors: ["EPERM", "EBUSY", "ENOBUFS"])
        case .netlinkSend: StepFaults(errors: ["ENOBUFS"])
        case .netlinkReceive: StepFaults(errors: ["ENOBUFS", "EINTR"])
        case .addressChange:
            StepFaults(errors: ["EPERM", "ENOBUFS", "ENOBUFS-after"], changes: true)
        case .interfaceIndex: StepFaults(errors: ["EMFILE"])
        case .interfaceList: StepFaults(errors: ["ENOBUFS", "ENOMEM", "EACCES", "EAFNOSUPPORT"])
        case .conntrackRequest: StepFaults(errors: ["EINVAL", "ENOBUFS"], changes: true)
        case .tableSubmit:
            StepFaults(
                errors: ["EPERM", "EBUSY", "ENOBUFS", "EINTR", "ENOENT", "ENOBUFS-after"],
                changes: true)
        case .accountLookup: StepFaults(errors: ["EMFILE", "EIO", "EINTR"])
        case .namespaceLock: StepFaults(errors: ["ENOBUFS", "EINVAL", "EPERM"])
        case .namespaceEnter: StepFaults(errors: ["EPERM"])
        case .bpfRead: StepFaults(errors: ["EPERM", "ENOMEM"])
        case .bpfWrite: StepFaults(errors: ["EPERM", "ENOMEM", "E2BIG"])
        case .bpfLoad: StepFaults(errors: ["EPERM", "EINVAL", "ENOMEM"])
        case .bpfAttach: StepFaults(errors: ["EPERM", "ENOMEM", "ENOENT"], changes: true)
        case .bpfPin: StepFaults(errors: ["EPERM", "ENOSPC"], changes: true)
        case .print: StepFaults(errors: ["ENOSPC", "EIO"], changes: true)
        }
    }
}

extension SystemStep {
    /// What `TPROXY_FAULT_TRACE` wrote: how often each step was passed.
    static func counts(inTrace trace: String) -> [(step: SystemStep, count: Int)] {
        let names = trace.split(separator: "\n").compactMap { $0.split(separator: ":").first }
        return allCases.compactMap { step in
            let count = names.filter { $0 == "\(step)" }.count
            return count > 0 ? (step, count) : nil
        }
    }

    /// The faults to try on a run that passes this step `count` times.
    ///
    /// Where all occurrences are alike, the first, the middle and the last one stand for all.
    func requests(passed count: Int) -> [String] {
        let all = Array(1...count)
        let some = Set([1, (count + 1) / 2, count]).sorted()
        func requests(_ occurrences: [Int], _ names: [String]) -> [String] {
            occurrences.flatMap { number in names.map { "\(self):\(number):\($0)" } }
        }
        return requests(faults.changes ? all : some, faults.errors)
            + requests(faults.changes || faults.waits ? all : [], ["kill"])
            + requests(faults.changes ? [count] : [], ["kill-after"])
    }
}
