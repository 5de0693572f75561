extension String {
    /// The number of characters, as columns are counted; quick for ASCII, where it is that of bytes.
    package var characterCount: Int {
        let bytes = utf8.count
        // CR LF is one character. Whatever isn't ASCII has fewer UTF-16 units than bytes.
        return utf16.count == bytes && !utf8.contains(0x0D) ? bytes : count
    }
}
