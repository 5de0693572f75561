import LinuxHost

/// Whether firewalld changes the rules of this network namespace.
///
/// D-Bus can't show this: a host's firewalld also answers in the namespaces of pods, whose rules it
/// never changes.
package enum FirewalldPresence: Hashable, Sendable {
    /// firewalld runs in this namespace.
    case running
    /// It would be started here, because this is the namespace of the first process.
    case mayStart
    /// It runs in another namespace, if at all.
    case elsewhere

    package static func look() -> FirewalldPresence {
        guard let own = ProcessFolder.ownNetworkNamespace else { return .elsewhere }
        // A process whose namespace is hidden counts as one in ours; at worst, a warning is
        // needless.
        let isHere = { (process: ProcessFolder) in (process.networkNamespace ?? own) == own }
        if ProcessFolder.all.contains(where: { $0.name == "firewalld" && isHere($0) }) {
            return .running
        }
        return isHere(ProcessFolder(1)) ? .mayStart : .elsewhere
    }
}
