/// What nft lists of our table.
package enum TableListing {
    /// The listing without what is true of one moment and one namespace alone: the seal, and what it
    /// vouches for.
    package static func lasting(_ text: String) -> String {
        text.replacing(/,\s*0x[0-9a-f]+ comment "(seal|chains|set|cells) [^"]*"/, with: "")
    }
}
