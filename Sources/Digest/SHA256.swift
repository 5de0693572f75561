/// SHA-256 (FIPS 180-4).
///
/// Our own, because swift-crypto's licence (Apache-2.0 without exception) is held not to go
/// together with libnftables' GPL-2.0 in one program. It names a ruleset; nothing secret.
package enum SHA256 {
    /// The digest of the bytes as 64 hexadecimal digits.
    package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        var state = State(
            a: 0x6a09_e667, b: 0xbb67_ae85, c: 0x3c6e_f372, d: 0xa54f_f53a, e: 0x510e_527f,
            f: 0x9b05_688c, g: 0x1f83_d9ab, h: 0x5be0_cd19)
        var message = Array(bytes)
        let bits = UInt64(message.count) * 8
        message.append(0x80)
        message += Array(repeating: 0, count: (120 - message.count % 64) % 64)
        message += stride(from: 56, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: bits >> $0)
        }
        // Looked up once: a static is found through a call.
        let constants = Self.constants
        var words = InlineArray<64, UInt32>(repeating: 0)
        for start in stride(from: 0, to: message.count, by: 64) {
            schedule(message.span.extracting(start..<start + 64), &words)
            state.compress(words.span, constants.span)
        }
        return state.words.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    /// The message schedule of one block (FIPS 180-4, 6.2.2 step 1).
    private static func schedule(_ block: Span<UInt8>, _ words: inout InlineArray<64, UInt32>) {
        for index in 0..<16 {
            let byte = index * 4
            words[index] =
                UInt32(block[byte]) << 24 | UInt32(block[byte + 1]) << 16
                | UInt32(block[byte + 2]) << 8 | UInt32(block[byte + 3])
        }
        for index in 16..<64 {
            let early = words[index - 15]
            let late = words[index - 2]
            let sigma0 = early.rotated(7) ^ early.rotated(18) ^ early >> 3
            let sigma1 = late.rotated(17) ^ late.rotated(19) ^ late >> 10
            words[index] = words[index - 16] &+ sigma0 &+ words[index - 7] &+ sigma1
        }
    }

    /// The working variables, by their names in the standard.
    private struct State {
        var a, b, c, d, e, f, g, h: UInt32

        var words: [UInt32] { [a, b, c, d, e, f, g, h] }

        /// Steps 2 to 4; each variable takes the next one's part in turn, so that none is moved.
        ///
        /// Both spans hold 64 words.
        mutating func compress(_ words: Span<UInt32>, _ constants: Span<UInt32>) {
            precondition(words.count == 64 && constants.count == 64)
            var (a, b, c, d) = (a, b, c, d)
            var (e, f, g, h) = (e, f, g, h)
            for start in stride(from: 0, to: 64, by: 8) {
                func word(_ index: Int) -> UInt32 {
                    // Within the 64, as the loop goes.
                    unsafe words[unchecked: start + index] &+ constants[unchecked: start + index]
                }
                Self.round(a, b, c, &d, e, f, g, &h, word(0))
                Self.round(h, a, b, &c, d, e, f, &g, word(1))
                Self.round(g, h, a, &b, c, d, e, &f, word(2))
                Self.round(f, g, h, &a, b, c, d, &e, word(3))
                Self.round(e, f, g, &h, a, b, c, &d, word(4))
                Self.round(d, e, f, &g, h, a, b, &c, word(5))
                Self.round(c, d, e, &f, g, h, a, &b, word(6))
                Self.round(b, c, d, &e, f, g, h, &a, word(7))
            }
            self.a &+= a
            self.b &+= b
            self.c &+= c
            self.d &+= d
            self.e &+= e
            self.f &+= f
            self.g &+= g
            self.h &+= h
        }

        @inline(__always)
        private static func round(
            _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32,
            _ g: UInt32, _ h: inout UInt32, _ word: UInt32
        ) {
            let sum1 = e.rotated(6) ^ e.rotated(11) ^ e.rotated(25)
            let choice = (e & f) ^ (~e & g)
            let first = h &+ sum1 &+ choice &+ word
            let sum0 = a.rotated(2) ^ a.rotated(13) ^ a.rotated(22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            d &+= first
            h = first &+ sum0 &+ majority
        }
    }

    private static let constants: InlineArray<64, UInt32> = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
        0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
        0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
        0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
        0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
        0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
        0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
        0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}

extension UInt32 {
    fileprivate func rotated(_ places: UInt32) -> UInt32 { self >> places | self << (32 - places) }
}
