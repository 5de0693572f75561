/// Why a `direct.xml` can't be changed, and where.
package struct DirectFileProblem: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case notXML(XMLProblem.Kind)
        /// The root element isn't `<direct>`.
        case wrongRoot(String)
        /// An element that firewalld doesn't know.
        case unknownElement(String)
        /// An element where firewalld doesn't expect one.
        case misplacedElement(String)
        /// An end tag that isn't that of the element.
        case wrongEnd(found: String, expected: String)
        /// The document ends before this element does.
        case notClosed(String)
    }

    package var kind: Kind
    package var place: TextPlace
}
