import Glibc
import RuleIR
import Rtnetlink

/// The place and the moment in which the kernel's rules are as they are.
///
/// A table with the seal of the current generation of the rules was changed by nobody since we made it:
/// the kernel counts every change. A listing that was saved and loaded again, after a reboot or in
/// another network namespace, has a seal that holds nowhere.
struct Seal {
    /// Nil where the kernel can't say which namespace this is (before Linux 5.14).
    private let place: String?

    /// `socket` belongs to the namespace.
    init(_ socket: borrowing MnlSocket) {
        guard let namespace = socket.namespaceCookie, let boot = Self.bootIdentity else {
            place = nil
            return
        }
        place = "\(boot) \(namespace)"
    }

    /// What the table says when `generation` is the kernel's current number; nil without a seal.
    func text(_ generation: UInt32?) -> String? {
        guard let place, let generation else { return nil }
        return String(SHA256.hexadecimal("\(place) \(generation)".utf8).prefix(32))
    }

    /// The number that a change makes of `generation`; the kernel leaves 0 out.
    static func next(_ generation: UInt32?) -> UInt32? {
        generation.map { $0 == .max ? 1 : $0 + 1 }
    }

    /// random(4): another one for each boot.
    private static let bootIdentity: String? = {
        let file = unsafe open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, 64) }
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count).prefix { $0 > 0x20 }, as: UTF8.self)
    }()
}
