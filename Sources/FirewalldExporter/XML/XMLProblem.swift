/// An error in an XML document, with its place.
package struct XMLProblem: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The bytes aren't UTF-8, or the declaration names another encoding.
        case notUTF8
        /// A character that XML 1.0 forbids, such as a control character.
        case forbiddenCharacter(UInt16)
        /// A document type with declarations or an external subset; entities could expand without
        /// limit.
        case documentTypeWithDeclarations
        /// An end tag that doesn't match the innermost open element.
        case mismatchedTag(String)
        /// The document ends before its root element does, or has none.
        case unfinished
        /// Any other error, with expat's message.
        case malformed(String)
        case outOfMemory
    }

    package var kind: Kind
    /// The offset from the beginning of the document, in bytes.
    package var offset: Int
}
