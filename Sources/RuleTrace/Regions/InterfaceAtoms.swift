import Addressing

/// Interface names in groups that no pattern tells apart, each with a name that speaks for it.
struct InterfaceAtoms: Sendable {
    /// The name for each atom.
    private(set) var names: [InterfaceName] = []
    private let patterns: [InterfacePattern]

    var count: Int { names.count }

    /// `known` are names that are preferred where they will do.
    init(_ patterns: [InterfacePattern], known: [InterfaceName]) {
        self.patterns = patterns
        var seen: Set<[Bool]> = []
        let candidates = known + patterns.compactMap { InterfaceName($0.stem) }
        for name in candidates where seen.insert(Self.matching(patterns, name)).inserted {
            names.append(name)
        }
        // Behind each stem, and behind nothing, there may be a name that no longer pattern takes.
        for stem in [""] + patterns.filter(\.isWildcard).map(\.stem) {
            guard let name = Self.name(beginning: stem, patterns) else { continue }
            if seen.insert(Self.matching(patterns, name)).inserted { names.append(name) }
        }
    }

    /// The atoms whose names the pattern takes.
    func holding(_ pattern: InterfacePattern) -> AtomSet {
        var set = AtomSet(count: count)
        for (atom, name) in names.enumerated() where pattern.matches(name) {
            set.insert(atom)
        }
        return set
    }

    /// The pattern that sets the atom's names apart; nil for the names that no pattern takes.
    func label(_ atom: Int) -> InterfacePattern? {
        let taking = patterns.filter { $0.matches(names[atom]) }
        return taking.first { !$0.isWildcard } ?? taking.max { $0.stem.count < $1.stem.count }
    }

    /// The atom of a name.
    func atom(of name: InterfaceName) -> Int? {
        let wanted = Self.matching(patterns, name)
        return names.firstIndex { Self.matching(patterns, $0) == wanted }
    }

    private static func matching(_ patterns: [InterfacePattern], _ name: InterfaceName) -> [Bool] {
        patterns.map { $0.matches(name) }
    }

    /// A name that begins so and that only patterns which take every such name take, if there is one.
    ///
    /// Each name that won't do is a pattern's own, or leads to one; so the search is short.
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
