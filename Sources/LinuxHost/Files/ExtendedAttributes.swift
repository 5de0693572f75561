import CLinux
import FaultPoints
import Glibc

/// What a file has beside its content, owner and mode: the SELinux label, access lists, a user's own.
enum ExtendedAttributes {
    /// Made by the kernel of the content; another file's would be wrong.
    private static let measured = ["security.ima", "security.evm"]

    /// The errno of the first that could not be copied; nil when all were.
    static func copy(from original: Int32, to copy: Int32) -> Int32? {
        let names: [String]
        switch Self.names(of: original) {
        case .success(let listed): names = listed
        case .failure(let failure): return failure.code
        }
        for name in names where !measured.contains(name) {
            guard let value = value(of: name, original) else {
                // Gone meanwhile, or not for us to see.
                guard [ENODATA, EACCES, EPERM].contains(errno) else { return errno }
                continue
            }
            let isSet =
                systemCall(.attributeWrite) {
                    unsafe fsetxattr(copy, name, value, value.count, 0)
                } == 0
            let code = errno
            // A label may have been inherited that may not be set.
            guard isSet || self.value(of: name, copy) == value else { return code }
        }
        return nil
    }

    private struct Unlistable: Error {
        var code: Int32
    }

    private static func names(of file: Int32) -> Result<[String], Unlistable> {
        guard let list = unsafe grown({ unsafe flistxattr(file, $0, $1) }) else {
            // Without extended attributes there is nothing to copy.
            return errno == EOPNOTSUPP ? .success([]) : .failure(Unlistable(code: errno))
        }
        return .success(
            list.split(separator: 0).map { name in
                String(decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            })
    }

    private static func value(of name: String, _ file: Int32) -> [CChar]? {
        unsafe grown { unsafe fgetxattr(file, name, $0, $1) }
    }

    /// The value of a call that says how much room it needs when it is given none.
    private static func grown(
        _ call: (UnsafeMutablePointer<CChar>?, Int) -> Int
    ) -> [CChar]? {
        while true {
            let size = systemCall(.attributeRead) { call(nil, 0) }
            guard size >= 0 else { return nil }
            guard size > 0 else { return [] }
            var buffer = [CChar](repeating: 0, count: size)
            let count = unsafe buffer.withUnsafeMutableBufferPointer {
                unsafe call($0.baseAddress, size)
            }
            if count >= 0 { return Array(buffer.prefix(count)) }
            // It grew between the two calls.
            guard errno == ERANGE else { return nil }
        }
    }
}
