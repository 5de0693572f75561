/// An error that prevents changes of a `direct.xml`, with its place.
package struct DirectFileProblem: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case notXML(XMLProblem.Kind)
        /// The root element isn't `<direct>`.
        case wrongRoot(String)
        /// firewalld doesn't know the element.
        case unknownElement(String)
        /// firewalld doesn't expect the element here.
        case misplacedElement(String)
        /// An end tag doesn't match the start tag.
        case wrongEnd(found: String, expected: String)
        /// The document ends within this element.
        case notClosed(String)
    }

    package var kind: Kind
    package var place: TextPlace
}
