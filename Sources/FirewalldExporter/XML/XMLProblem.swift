/// Why bytes are not XML that we read, and where.
package struct XMLProblem: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The bytes are not UTF-8, or the declaration names another encoding.
        case notUTF8
        /// A character that XML 1.0 doesn't allow, such as a control character.
        case forbiddenCharacter(UInt16)
        /// A document type with declarations or a file of its own: entities could grow without end.
        case documentTypeWithDeclarations
        /// An end tag that isn't that of the innermost open element.
        case mismatchedTag(String)
        /// The document ends before its root element does, or has none.
        case unfinished
        /// Anything else, in the words of expat.
        case malformed(String)
        case outOfMemory
    }

    package var kind: Kind
    /// In bytes from the beginning of the document.
    package var offset: Int
}
