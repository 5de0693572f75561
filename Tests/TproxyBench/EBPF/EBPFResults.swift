import JSON

/// The costs of connections behind eBPF programs and beside them.
struct EBPFResults {
    struct Sample {
        var traffic: Traffic.Sample
        /// The seconds of a byte on an established connection.
        var bulk: Double
    }

    /// What is measured, always as time.
    enum Aspect: String, CaseIterable {
        case connectMedian, connection, exchange, byte

        func seconds(_ sample: Sample) -> Double {
            switch self {
            case .connectMedian: sample.traffic.connectMedian
            case .connection: sample.traffic.connection
            case .exchange: sample.traffic.exchange
            case .byte: sample.bulk
            }
        }
    }

    /// The number of exclusions of the contender that has the most.
    let most: Int
    /// The bytes of all maps of that contender.
    var memory: Int?
    private var rounds: [EBPFContender: [[Sample]]] = [:]

    init(most: Int) {
        self.most = most
    }

    mutating func add(_ sample: Sample, _ contender: EBPFContender, round: Int) {
        while rounds[contender, default: []].count <= round {
            rounds[contender, default: []].append([])
        }
        rounds[contender]?[round].append(sample)
    }

    /// The spread of the medians of the rounds.
    func spread(_ contender: EBPFContender, _ aspect: Aspect) -> Spread? {
        Spread(laps(contender, aspect).compactMap { Spread($0)?.median })
    }

    /// The ratio of the times of two contenders in the same laps: of the medians of the rounds.
    func ratio(_ contender: EBPFContender, to other: EBPFContender, _ aspect: Aspect) -> Spread? {
        let pairs = zip(laps(contender, aspect), laps(other, aspect))
        return Spread(pairs.compactMap { Spread.ofRatios($0, to: $1)?.median })
    }

    private func laps(_ contender: EBPFContender, _ aspect: Aspect) -> [[Double]] {
        rounds[contender, default: []].map { $0.map(aspect.seconds) }
    }
}

extension EBPFResults {
    /// The goals: 1.20 times the connections per second are 0.83 of the time, and 0.97 of the
    /// throughput is 1.03 times the time.
    var bars: [Bar] {
        func bar(
            _ name: String, _ words: String, _ limit: Double, _ spread: Spread?
        ) -> Bar {
            Bar(
                name: name, words: words, limit: limit,
                finding: spread.map { .measured($0) } ?? .notMeasured)
        }
        let isFull = most == ApplyingBars.many
        return [
            bar(
                "8a", "eBPF: time of a connection, opened, accepted and ended, to nft's redirect",
                1 / 1.2, ratio(.ebpf, to: .nft, .connection)),
            bar(
                "8b", "eBPF: connect latency to a direct connection", 1.2,
                ratio(.ebpf, to: .direct, .connectMedian)),
            bar(
                "8c", "eBPF: time of a byte to a direct connection", 1 / 0.97,
                ratio(.ebpf, to: .direct, .byte)),
            bar(
                "8d", "eBPF: connect latency with 100,000 exclusions to none", 1.1,
                isFull ? ratio(.ebpfMany, to: .ebpf, .connectMedian) : nil),
        ]
    }

    var tables: [Table] {
        var notes: [String] = []
        if let memory {
            notes.append(
                "The maps of the eBPF programs take \(Quantity.bytes(Double(memory))) with "
                    + "\(Quantity.count(most)) exclusions.")
        }
        return [
            Table(
                title: "Connections by eBPF, nft and none of them",
                head: ["", "connect", "to direct", "connections a second", "to nft"],
                rows: EBPFContender.allCases.map { contender in
                    [
                        contender.title(most),
                        spread(contender, .connectMedian).map { Quantity.seconds($0.median) }
                            ?? "–",
                        ratio(contender, to: .direct, .connectMedian).map(Quantity.ratio) ?? "–",
                        spread(contender, .connection).map { Quantity.count(Int(1 / $0.median)) }
                            ?? "–",
                        // The ratio of rates is that of the times, reversed.
                        ratio(.nft, to: contender, .connection).map(Quantity.ratio) ?? "–",
                    ]
                }),
            Table(
                title: "Established connections by eBPF, nft and none of them",
                head: ["", "exchange", "to direct", "Gbit/s", "to direct"],
                rows: EBPFContender.allCases.map { contender in
                    [
                        contender.title(most),
                        spread(contender, .exchange).map { Quantity.seconds($0.median) } ?? "–",
                        ratio(contender, to: .direct, .exchange).map(Quantity.ratio) ?? "–",
                        spread(contender, .byte).map { Quantity.digits(8e-9 / $0.median) } ?? "–",
                        ratio(.direct, to: contender, .byte).map(Quantity.ratio) ?? "–",
                    ]
                }, notes: notes),
            Bar.table(bars),
        ]
    }

    var json: JSONValue {
        func times(_ spread: (Aspect) -> Spread?) -> JSONValue {
            .object(
                Dictionary(
                    Aspect.allCases.compactMap { aspect in
                        spread(aspect).map { (aspect.rawValue, $0.json) }
                    }
                ) { $1 })
        }
        return .members([
            "exclusions": .number(most),
            "mapMemory": memory.map { .number($0) },
            "contenders": .array(
                EBPFContender.allCases.map { contender in
                    [
                        "contender": .string(contender.rawValue),
                        "runs": .number(rounds[contender, default: []].count),
                        "seconds": times { spread(contender, $0) },
                        "ratioToDirect": times { ratio(contender, to: .direct, $0) },
                        "ratioToNft": times { ratio(contender, to: .nft, $0) },
                    ]
                }),
        ])
    }
}
