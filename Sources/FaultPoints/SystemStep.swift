/// A step at which a run depends on the system, so that it may fail or be interrupted.
///
/// The name is that of the system's service, not of its purpose: the n-th `fileOpen` of a run has a
/// purpose. Tests enumerate the steps of a run, so adding a step here and its possible errors to
/// the tests' list covers it.
package enum SystemStep: CaseIterable, Hashable, Sendable {
    // MARK: Files

    /// open(2) of an existing file or directory, or of a file in /proc.
    case fileOpen
    /// open(2) with O_CREAT.
    case fileCreate
    /// fstat(2) and similar calls.
    case fileStatus
    case fileRead
    case fileWrite
    case fileOwner
    case fileMode
    /// flistxattr(2) and fgetxattr(2).
    case attributeRead
    case attributeWrite
    case fileSync
    case fileRename
    case fileDelete
    case folderMake
    /// fsync(2) of a directory, which makes a rename durable.
    case folderSync
    /// flock(2) of a lock file.
    case folderLock

    // MARK: Programs

    /// memfd_create(2), for the input and output of a program.
    case memoryFile
    /// Writing the input of a program.
    case memoryWrite
    case programStart
    /// waitpid(2); a run that is killed here leaves the program running.
    case programWait
    /// A whole run of a program.
    ///
    /// With any error, a signal ends the program before or, with `-after`, after its work.
    case programRun
    /// Reading the output of a program; `short` returns half of it.
    case programOutput

    /// Setting a timer.
    case timer

    // MARK: Netlink

    /// Opening a socket of any netlink family.
    case netlinkOpen
    /// A request and its answer: the error is the kernel's refusal or, with `-after`, follows the
    /// change.
    case netlinkRequest
    case netlinkSend
    /// recv(2): the kernel has made the change, and its answer is lost.
    case netlinkReceive
    /// The request that adds, changes or deletes an address of an interface.
    case addressChange
    /// Looking up the index of an interface.
    case interfaceIndex
    /// getifaddrs(3).
    case interfaceList

    /// Requests for conntrack entries.
    case conntrackRequest

    // MARK: nf_tables

    /// Submitting a transaction.
    case tableSubmit

    // MARK: eBPF

    /// Reading a map, a program or a link with bpf(2).
    case bpfRead
    /// Writing an element of a map, or freezing or binding the map.
    case bpfWrite
    /// Loading the programs.
    case bpfLoad
    /// Attaching, replacing or detaching a program.
    case bpfAttach
    case bpfPin

    // MARK: Other

    /// getpwnam_r(3) and getpwuid_r(3).
    case accountLookup
    /// Binding the nfnetlink_log group that serves as the lock of the network namespace.
    case namespaceLock
    /// A thread's move to another network namespace.
    case namespaceEnter
    /// Writing a result or a diagnostic to the user.
    case print
}
