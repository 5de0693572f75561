import Digest

/// The page's Content-Security-Policy (W3C, level 3).
///
/// The page may fetch nothing, and only its own style and script run.
enum ContentPolicy {
    static func text(style: String, script: String) -> String {
        [
            "default-src 'none'", "style-src '\(source(style))'", "script-src '\(source(script))'",
            "base-uri 'none'", "form-action 'none'",
        ].joined(separator: "; ")
    }

    /// Returns `sha256-` and the digest in base64, as the policy names an inline element.
    private static func source(_ text: String) -> String {
        "sha256-" + base64(bytes(SHA256.hexadecimal(text.utf8)))
    }

    private static func bytes(_ digits: String) -> [UInt8] {
        let nibbles = digits.compactMap(\.hexDigitValue)
        return stride(from: 0, to: nibbles.count - 1, by: 2).map {
            UInt8(nibbles[$0] << 4 | nibbles[$0 + 1])
        }
    }

    /// Returns the bytes in base64 (RFC 4648 section 4).
    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for digit in 0..<4 {
                text.append(
                    digit <= group.count ? alphabet[bits >> (18 - 6 * digit) & 0x3F] : "=")
            }
        }
        return text
    }
}
