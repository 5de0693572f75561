package import Diagnostics

/// A value and its origin.
package struct Setting<Value: Hashable & Sendable>: Hashable, Sendable {
    package var value: Value
    package var origin: Origin

    package init(_ value: Value, from origin: Origin = .builtIn) {
        self.value = value
        self.origin = origin
    }
}

/// The place where a value was set.
package enum Origin: Hashable, Sendable {
    /// The default; no source sets the value.
    case builtIn
    case file(SourceLocation)
    case environment(SourceLocation)
    case flag(SourceLocation)

    /// The place to show the user; nil for a default.
    package var location: SourceLocation? {
        switch self {
        case .builtIn: nil
        case .file(let location), .environment(let location), .flag(let location): location
        }
    }

    /// Returns the origin narrowed to `length` characters, beginning at `offset`.
    func narrowed(offset: Int, length: Int) -> Origin {
        switch self {
        case .builtIn: .builtIn
        case .file(let location):
            .file(location.narrowed(offset: offset, length: length))
        case .environment(let location):
            .environment(location.narrowed(offset: offset, length: length))
        case .flag(let location):
            .flag(location.narrowed(offset: offset, length: length))
        }
    }
}

extension Origin: CustomStringConvertible {
    /// `default`, `tproxy.yaml:3:5`, `environment variable NAME` or `flag --name`.
    package var description: String {
        switch self {
        case .builtIn: "default"
        case .file(let location): "\(location)"
        case .environment(let location): "environment variable \(location)"
        case .flag(let location): "flag \(location)"
        }
    }
}
