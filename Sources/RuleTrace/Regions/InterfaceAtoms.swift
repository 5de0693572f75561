import Addressing

/// Partitions interface names into atoms that no pattern distinguishes, each with an example name.
struct InterfaceAtoms: Sendable {
    /// The example name of each atom.
    private(set) var names: [InterfaceName] = []
    private let patterns: [InterfacePattern]

    var count: Int { names.count }

    /// Partitions names by `patterns`; `known` names are preferred as examples.
    init(_ patterns: [InterfacePattern], known: [InterfaceName]) {
        self.patterns = patterns
        var seen: Set<[Bool]> = []
        let candidates = known + patterns.compactMap { InterfaceName($0.stem) }
        for name in candidates where seen.insert(Self.matching(patterns, name)).inserted {
            names.append(name)
        }
        // After each wildcard's stem, and after nothing, a name may follow that no longer pattern
        // matches.
        for stem in [""] + patterns.filter(\.isWildcard).map(\.stem) {
            guard let name = Self.name(beginning: stem, patterns) else { continue }
            if seen.insert(Self.matching(patterns, name)).inserted { names.append(name) }
        }
    }

    /// Returns the atoms whose names match the pattern.
    func holding(_ pattern: InterfacePattern) -> AtomSet {
        var set = AtomSet(count: count)
        for (atom, name) in names.enumerated() where pattern.matches(name) {
            set.insert(atom)
        }
        return set
    }

    /// Returns the pattern that identifies the atom; nil for names that no pattern matches.
    func label(_ atom: Int) -> InterfacePattern? {
        let taking = patterns.filter { $0.matches(names[atom]) }
        return taking.first { !$0.isWildcard } ?? taking.max { $0.stem.count < $1.stem.count }
    }

    /// Returns the atom of a name.
    func atom(of name: InterfaceName) -> Int? {
        let wanted = Self.matching(patterns, name)
        return names.firstIndex { Self.matching(patterns, $0) == wanted }
    }

    private static func matching(_ patterns: [InterfacePattern], _ name: InterfaceName) -> [Bool] {
        patterns.map { $0.matches(name) }
    }

    /// Returns a name that begins with `stem` and matches only patterns that match all such names.
    ///
    /// Returns nil if there is none. Every rejected name belongs to a longer pattern or to a prefix
    /// of one, so the search is short.
    private static func name(
        beginning stem: String, _ patterns: [InterfacePattern]
    ) -> InterfaceName? {
        let letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.-@"
        let longer = patterns.filter {
            $0.stem.hasPrefix(stem) && ($0.stem != stem || !$0.isWildcard)
        }
        var open = [stem]
        while let next = open.popLast() {
            for letter in letters {
                let text = next + String(letter)
                guard let name = InterfaceName(text) else { continue }
                if !longer.contains(where: { $0.matches(name) }) { return name }
                if longer.contains(where: { $0.stem.hasPrefix(text) }) { open.append(text) }
            }
        }
        return nil
    }
}
