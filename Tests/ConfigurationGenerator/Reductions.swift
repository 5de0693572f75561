import HostFacts

extension GeneratedConfiguration {
    /// Smaller configurations, the smallest first: candidates that may still fail.
    package var reductions: [GeneratedConfiguration] {
        halves + withoutOneEntry + withShorterList + withPlainerFacts
    }

    private var halves: [GeneratedConfiguration] {
        guard entries.count > 3 else { return [] }
        let middle = entries.count / 2
        return [entries[..<middle], entries[middle...]].map { part in
            var smaller = self
            smaller.entries = Array(part)
            return smaller
        }
    }

    private var withoutOneEntry: [GeneratedConfiguration] {
        let fewer = entries.indices.map { index in
            var smaller = self
            smaller.entries.remove(at: index)
            return smaller
        }
        return fewer
            + environment.keys.sorted().map { name in
                var smaller = self
                smaller.environment[name] = nil
                return smaller
            }
    }

    private var withShorterList: [GeneratedConfiguration] {
        entries.indices.flatMap { index -> [GeneratedConfiguration] in
            guard case .list(let items) = entries[index].value, items.count > 1 else { return [] }
            let middle = items.count / 2
            let singles = items.count > 24 ? [] : items.indices.map { items.without($0) }
            return ([Array(items[..<middle]), Array(items[middle...])] + singles).map { shorter in
                var smaller = self
                smaller.entries[index].value = .list(shorter)
                return smaller
            }
        }
    }

    private var withPlainerFacts: [GeneratedConfiguration] {
        func changed(_ change: (inout HostFacts) -> Void) -> GeneratedConfiguration? {
            var smaller = self
            change(&smaller.facts)
            return smaller == self ? nil : smaller
        }
        let plain = HostFacts()
        let fewer = facts.resolvers.indices.map { index in
            changed { $0.resolvers.remove(at: index) }
        }
        return [
            changed { $0.ipv6 = plain.ipv6 }, changed { $0.hasDockerDNSChain = false },
            changed { $0.resolvers = [] },
        ].compactMap(\.self) + fewer.compactMap(\.self)
    }
}

extension Array {
    fileprivate func without(_ index: Int) -> [Element] {
        var rest = self
        rest.remove(at: index)
        return rest
    }
}
