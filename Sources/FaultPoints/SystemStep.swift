/// A step at which a run depends on the system, and so can fail or be its last.
///
/// A name says what is asked of the system, not for which purpose: the n-th `fileOpen` of a run is the
/// purpose. Tests enumerate what a run passes, so a new step is tested by being here and in their list
/// of what the system can answer.
package enum SystemStep: CaseIterable, Hashable, Sendable {
    // MARK: Files

    /// open(2) of what is there, a folder or a file of /proc among it.
    case fileOpen
    /// open(2) with O_CREAT.
    case fileCreate
    /// fstat(2) and its relatives.
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
    /// fsync(2) of a folder, which makes a rename last.
    case folderSync
    /// flock(2) of the file that is the lock of another.
    case folderLock

    // MARK: Programs

    /// memfd_create(2), for what a program reads and prints.
    case memoryFile
    /// Writing what a program shall read.
    case memoryWrite
    case programStart
    /// waitpid(2); a run that is killed here leaves the program at work.
    case programWait
    /// All of a program's run: whatever the error is, a signal ended the program before, or, with
    /// `-after`, behind its work.
    case programRun
    /// Reading what it printed; `short` gives half of it.
    case programOutput

    // MARK: Netlink

    /// A socket of any netlink family.
    case netlinkOpen
    /// A request and its answer: an error is the kernel's refusal, or with `-after` that of what was
    /// done.
    case netlinkRequest
    case netlinkSend
    /// recv(2): the kernel has done what was asked, and nobody knows.
    case netlinkReceive
    /// The request that adds an address of an interface, changes it or takes it away.
    case addressChange
    /// Looking up the number of an interface.
    case interfaceIndex
    /// getifaddrs(3).
    case interfaceList

    /// Requests about conntrack entries.
    case conntrackRequest

    // MARK: nf_tables

    /// Submitting a transaction.
    case tableSubmit

    // MARK: The rest

    /// getpwnam_r(3) and getpwuid_r(3).
    case accountLookup
    /// Binding the group of nfnetlink_log that is the lock of the network namespace.
    case namespaceLock
    /// Writing a result or a diagnostic to where the user reads it.
    case print
}
