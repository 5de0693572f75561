/// What firewalld would make of a `direct.xml`, beyond its being XML.
///
/// firewalld loads direct rules all together or not at all: one that iptables-restore(8) refuses, and
/// every one is gone. `firewall-offline-cmd --check-config` doesn't see the most of it.
package struct DirectFinding: Hashable, Sendable {
    package enum Severity: Hashable, Sendable {
        /// firewalld would drop every direct rule.
        case fatal
        /// It might, or would leave out this element, or something else would go wrong.
        case doubtful
    }

    package enum Kind: Hashable, Sendable {
        case missingAttribute(String, of: String)
        case unknownAttribute(String, of: String)
        case unknownFamily(String)
        case unknownTable(String, family: String)
        case notAPriority(String)
        /// An integer that firewalld can't hand on (D-Bus type `i`).
        case priorityOutOfRange(String)
        /// A quote or a backslash with nothing behind it.
        case unsplittableArguments
        /// firewalld leaves the element out.
        case noArguments(String)
        /// The chain is there without being made: it is built in.
        case builtInChain(String)
        /// firewalld takes the second for the first.
        case duplicateChain(String)
        /// No element makes the chain that the rule is for.
        case undeclaredChain(String)
        /// What the rule jumps to is neither a chain of its table nor a target that we know.
        case unknownTarget(String)
    }

    package var kind: Kind
    package var severity: Severity
    package var place: TextPlace
}
