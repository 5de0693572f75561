/// An error in a `direct.xml` that is valid XML.
///
/// firewalld loads direct rules all together or not at all: if iptables-restore(8) refuses one,
/// none is loaded. `firewall-offline-cmd --check-config` finds few of these errors.
package struct DirectFinding: Hashable, Sendable {
    package enum Severity: Hashable, Sendable {
        /// firewalld would drop every direct rule.
        case fatal
        /// firewalld might drop every direct rule, or would ignore this element or misread it.
        case doubtful
    }

    package enum Kind: Hashable, Sendable {
        case missingAttribute(String, of: String)
        case unknownAttribute(String, of: String)
        case unknownFamily(String)
        case unknownTable(String, family: String)
        case notAPriority(String)
        /// An integer that doesn't fit into D-Bus type `i`, by which firewalld passes it on.
        case priorityOutOfRange(String)
        /// A quote without its end, or a backslash at the end.
        case unsplittableArguments
        /// firewalld ignores the element.
        case noArguments(String)
        /// The element creates a chain that is built in.
        case builtInChain(String)
        /// firewalld takes the second chain for the first.
        case duplicateChain(String)
        /// No element creates the chain of the rule.
        case undeclaredChain(String)
        /// The rule jumps to something that is neither a chain of its table nor a known target.
        case unknownTarget(String)
    }

    package var kind: Kind
    package var severity: Severity
    package var place: TextPlace
}
