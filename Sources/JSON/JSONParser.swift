import CJansson
import Glibc

/// The reason why a text can't be parsed.
package enum JSONProblem: Error, Hashable, Sendable {
    case nestedTooDeep
    /// libjansson's error: the text isn't JSON, or memory is exhausted.
    case notJSON(line: Int, reason: String)

    package var reason: String {
        switch self {
        case .nestedTooDeep: "it is nested deeper than \(JSONNesting.limit) levels"
        case .notJSON(let line, let reason): "line \(line): \(reason)"
        }
    }
}

extension JSONValue {
    /// Parses a text with libjansson, the library that libnftables uses.
    ///
    /// Of several members with the same name, the last one counts.
    package init(parsing text: String) throws(JSONProblem) {
        guard JSONNesting.isWithinLimit(text) else { throw .nestedTooDeep }
        var error = json_error_t()
        var text = text
        let tree = text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) {
                unsafe json_loadb($0.baseAddress, $0.count, Int(JSON_DECODE_ANY), &error)
            }
        }
        guard let tree = unsafe tree else {
            let reason = unsafe withUnsafeBytes(of: error.text) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            throw .notJSON(line: Int(error.line), reason: reason)
        }
        defer { unsafe json_decref(tree) }
        self = unsafe Self(tree)
    }

    private init(_ tree: UnsafeMutablePointer<json_t>) {
        self =
            switch unsafe tree.pointee.type {
            case JSON_OBJECT: unsafe .object(Self.members(of: tree))
            case JSON_ARRAY: unsafe .array(Self.items(of: tree))
            case JSON_STRING:
                unsafe .string(json_string_value(tree).map { unsafe String(cString: $0) } ?? "")
            case JSON_INTEGER: unsafe .number(Int(json_integer_value(tree)))
            case JSON_REAL: unsafe Self(json_real_value(tree))
            case JSON_TRUE: .bool(true)
            case JSON_FALSE: .bool(false)
            case _: .null
            }
    }

    private static func members(of tree: UnsafeMutablePointer<json_t>) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        unsafe members.reserveCapacity(Int(json_object_size(tree)))
        var iterator = unsafe json_object_iter(tree)
        while let current = unsafe iterator {
            if let key = unsafe json_object_iter_key(current),
                let member = unsafe json_object_iter_value(current)
            {
                members[unsafe String(cString: key)] = unsafe Self(member)
            }
            unsafe iterator = json_object_iter_next(tree, current)
        }
        return members
    }

    private static func items(of tree: UnsafeMutablePointer<json_t>) -> [JSONValue] {
        let count = unsafe json_array_size(tree)
        return (0..<count).compactMap { index in
            unsafe json_array_get(tree, index).map { unsafe Self($0) }
        }
    }
}
