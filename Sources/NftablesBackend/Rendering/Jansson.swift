import CJansson
import Glibc
import RuleIR

/// Reads JSON text with libjansson, the library that libnftables uses.
enum Jansson {
    /// The text isn't JSON, or memory is exhausted; `reason` is libjansson's message.
    struct Failure: Error {
        var reason: String
    }

    static func parse(_ text: String) throws(Failure) -> JSONValue {
        guard JSONNesting.isBearable(text) else { throw Failure(reason: JSONNesting.problem) }
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
            throw Failure(reason: "line \(error.line): \(reason)")
        }
        defer { unsafe json_decref(tree) }
        return unsafe value(tree)
    }

    private static func value(_ tree: UnsafeMutablePointer<json_t>) -> JSONValue {
        switch unsafe tree.pointee.type {
        case JSON_OBJECT:
            var members: [String: JSONValue] = [:]
            var iterator = unsafe json_object_iter(tree)
            while let current = unsafe iterator {
                if let key = unsafe json_object_iter_key(current),
                    let member = unsafe json_object_iter_value(current)
                {
                    members[unsafe String(cString: key)] = unsafe value(member)
                }
                unsafe iterator = json_object_iter_next(tree, current)
            }
            return .object(members)
        case JSON_ARRAY:
            let count = unsafe json_array_size(tree)
            return .array(
                (0..<count).compactMap { index in
                    unsafe json_array_get(tree, index).map { unsafe value($0) }
                })
        case JSON_STRING:
            return unsafe .string(json_string_value(tree).map { unsafe String(cString: $0) } ?? "")
        case JSON_INTEGER: return unsafe .number(Int(json_integer_value(tree)))
        case JSON_REAL:
            // No number of a ruleset has a fraction, and one beyond `Int` has no meaning.
            let number = unsafe json_real_value(tree)
            return Int(exactly: number.rounded(.towardZero)).map { .number($0) } ?? .null
        case JSON_TRUE: return .bool(true)
        case JSON_FALSE: return .bool(false)
        case _: return .null
        }
    }
}
