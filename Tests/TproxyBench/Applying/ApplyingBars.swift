/// The bars for applying rules.
struct ApplyingBars {
    /// The number of exclusions in a large installation.
    static let many = 100_000
    /// A tenth of them.
    static let fewer = 10_000

    let results: ApplyingResults
    let limit: Double

    var all: [Bar] {
        [
            toNft(
                "1a", "first apply by default: wall time to nft -f that replaces", 1.5, 0, .first,
                .wall),
            toNft(
                "1b", "same again by default: wall time to nft -f that replaces", 1.0, 0, .same,
                .wall),
            toNft(
                "2a", "first apply of 100,000: wall time to nft -f that replaces", 1.1, Self.many,
                .first, .wall),
            toNft("2b", "first apply of 100,000: memory to nft -f", 1.5, Self.many, .first, .peak),
            changeMessages,
            Bar(
                name: "2d", words: "one changed of 100,000: wall time to a first apply", limit: 0.5,
                finding: finding(
                    Spread.ofRatios(
                        results.values(tproxy(Self.many, .one), .wall),
                        to: results.values(tproxy(Self.many, .first), .wall)))),
        ] + zip("abcdefgh", results.sizes).map { toKumactl("3\($0)", $1) } + [linear]
    }

    private func tproxy(_ size: Int, _ step: ApplyCase) -> ApplyingResults.Key {
        ApplyingResults.Key(size: size, contender: .tproxy, step: step)
    }

    private func finding(_ spread: Spread?) -> Bar.Finding {
        spread.map { .measured($0) } ?? .notMeasured
    }

    private func toNft(
        _ name: String, _ words: String, _ bound: Double, _ size: Int, _ step: ApplyCase,
        _ measure: Measure
    ) -> Bar {
        Bar(
            name: name, words: words, limit: bound,
            finding: finding(results.ratio(size, step, to: .nft, measure)))
    }

    private var changeMessages: Bar {
        let one = results.traffic[tproxy(Self.many, .one)]?.sent
        let first = results.traffic[tproxy(Self.many, .first)]?.sent
        var ratio: Spread?
        if let one, let first, first > 0 { ratio = Spread([Double(one) / Double(first)]) }
        return Bar(
            name: "2c", words: "one changed of 100,000: bytes to the kernel, to a first apply",
            limit: 0.1, finding: finding(ratio))
    }

    /// The worst case for tproxy.
    private func toKumactl(_ name: String, _ size: Int) -> Bar {
        var worst: Bar.Finding?
        for step in ApplyCase.all(size) {
            let found = toKumactl(size, step)
            guard let bound = Self.bound(found) else { continue }
            if let known = worst.flatMap(Self.bound), known >= bound { continue }
            worst = found
        }
        return Bar(
            name: name,
            words: "\(Quantity.count(size)) exclusions, the worst case: wall time to kumactl's",
            limit: 0.5, finding: worst ?? .notMeasured)
    }

    private func toKumactl(_ size: Int, _ step: ApplyCase) -> Bar.Finding {
        if let ratio = results.ratio(size, step, to: .kumactl, .wall) { return .measured(ratio) }
        let key = ApplyingResults.Key(size: size, contender: .kumactl, step: step)
        guard results.stopped.contains(key), let ours = results.spread(tproxy(size, step), .wall)
        else { return .notMeasured }
        return .less(than: ours.median / limit)
    }

    private static func bound(_ finding: Bar.Finding) -> Double? {
        switch finding {
        case .measured(let spread): spread.median
        case .less(let bound): bound
        case .notMeasured: nil
        }
    }

    private var linear: Bar {
        let ratios = ApplyCase.allCases.compactMap { step in
            Spread.ofRatios(
                results.values(tproxy(Self.many, step), .processor),
                to: results.values(tproxy(Self.fewer, step), .processor))
        }
        return Bar(
            name: "5a",
            words: "100,000 to 10,000 exclusions, the worst case: processor time",
            limit: 10, finding: finding(ratios.max { $0.median < $1.median }))
    }
}
