import CJansson
import Glibc
import RuleIR

/// JSON text through libjansson, the library that libnftables reads with.
enum Jansson {
    /// What libjansson says of a text that isn't JSON, or of memory that ran out.
    struct Failure: Error {
        var reason: String
    }

    enum Layout {
        case compact
        /// Two spaces a level, for people.
        case indented
    }

    /// Object keys are sorted, so the same value gives the same bytes.
    static func text(_ value: JSONValue, _ layout: Layout) throws(Failure) -> String {
        guard let tree = unsafe tree(value) else { throw Failure(reason: "out of memory") }
        defer { unsafe json_decref(tree) }
        let spaces = 2
        let layoutFlags = layout == .compact ? Int(JSON_COMPACT) : spaces
        let flags = layoutFlags | Int(JSON_SORT_KEYS) | Int(JSON_ENCODE_ANY)
        guard let text = unsafe json_dumps(tree, flags) else {
            throw Failure(reason: "a string isn't UTF-8")
        }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
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

    private static func tree(_ value: JSONValue) -> UnsafeMutablePointer<json_t>? {
        switch value {
        case .null: return unsafe json_null()
        case .bool(let flag): return unsafe flag ? json_true() : json_false()
        case .number(let number): return unsafe json_integer(json_int_t(number))
        case .string(let text): return unsafe json_string(text)
        case .array(let items):
            let array = unsafe json_array()
            for item in items {
                unsafe json_array_append_new(array, tree(item))
            }
            return unsafe array
        case .object(let members):
            let object = unsafe json_object()
            for (key, member) in members {
                unsafe json_object_set_new(object, key, tree(member))
            }
            return unsafe object
        }
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
            // No number of a ruleset has a fraction, and one that no integer holds means nothing.
            let number = unsafe json_real_value(tree)
            return Int(exactly: number.rounded(.towardZero)).map { .number($0) } ?? .null
        case JSON_TRUE: return .bool(true)
        case JSON_FALSE: return .bool(false)
        case _: return .null
        }
    }
}
