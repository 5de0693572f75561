import CLinux
import FaultPoints
import Glibc

/// A file's extended attributes: SELinux label, access lists and user attributes.
enum ExtendedAttributes {
    /// Attributes that the kernel computes from the content; a copy would be wrong.
    private static let measured = ["security.ima", "security.evm"]

    /// Copies the attributes; returns the errno of the first that failed, nil if none did.
    static func copy(from original: Int32, to copy: Int32) -> Int32? {
        let names: [String]
        switch Self.names(of: original) {
        case .success(let listed): names = listed
        case .failure(let failure): return failure.code
        }
        for name in names where !measured.contains(name) {
            guard let value = value(of: name, original) else {
                // The attribute is gone, or this process may not read it.
                guard [ENODATA, EACCES, EPERM].contains(errno) else { return errno }
                continue
            }
            let isSet =
                systemCall(.attributeWrite) {
                    unsafe fsetxattr(copy, name, value, value.count, 0)
                } == 0
            let code = errno
            // An inherited label may be equal although it can't be set.
            guard isSet || self.value(of: name, copy) == value else { return code }
        }
        return nil
    }

    private struct Unlistable: Error {
        var code: Int32
    }

    private static func names(of file: Int32) -> Result<[String], Unlistable> {
        guard let list = unsafe grown({ unsafe flistxattr(file, $0, $1) }) else {
            // A file system without extended attributes has nothing to copy.
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

    /// Returns the result of a call that reports the required size for an empty buffer.
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
            // The value grew between the two calls.
            guard errno == ERANGE else { return nil }
        }
    }
}
