extension String {
    /// The number of characters, as columns are counted; fast for ASCII.
    package var characterCount: Int {
        let bytes = utf8.span
        for index in bytes.indices {
            // CR LF is one character.
            if bytes[index] >= 0x80 || bytes[index] == 0x0D { return count }
        }
        return bytes.count
    }
}
