extension UInt8 {
    /// Whether the byte is white space (XML 1.0 production 3).
    var isXMLSpace: Bool { self == 0x20 || self == 0x9 || self == 0xA || self == 0xD }
}
