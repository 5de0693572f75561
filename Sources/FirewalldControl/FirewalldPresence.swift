import LinuxHost

/// Whether firewalld changes the rules of this network namespace.
///
/// D-Bus can't tell: a host's firewalld answers in the namespaces of pods, too, whose rules it never
/// touches.
package enum FirewalldPresence: Hashable, Sendable {
    /// It runs here.
    case running
    /// It would be started here: this is the namespace of the first process.
    case mayStart
    /// If it runs at all, then in another namespace.
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
