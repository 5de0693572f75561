/// What a table holds, told so briefly that it fits into comments: enough to change only what differs.
struct LoadRecord: Hashable, Sendable {
    struct Part: Hashable, Sendable {
        var keyType: UInt32
        var flags: UInt32
        var keyLength: UInt32
        var checksum: SetChecksum
        /// For large sets.
        var sketch: SetSketch?
    }

    /// Small sets are sent again as a whole.
    static let sketchedCount = 2048

    /// When and where the rest holds; see `Seal`.
    var seal: String
    /// `TableForm.chainDigest`.
    var chains: String
    var sets: [String: Part]

    /// Nil where there is no seal to be had: nothing could ever be said of such a table.
    init?(_ form: TableForm, seal: String?) {
        guard let seal else { return nil }
        self.seal = seal
        chains = form.chainDigest
        sets = form.sets.mapValues { Part($0) }
    }

    /// The comments for it.
    ///
    /// libnftables takes none of more than 128 bytes (NFTNL_UDATA_COMMENT_MAXLEN).
    var notes: [String] {
        var notes = ["seal \(seal)", "chains \(chains)"]
        for (name, part) in sets.sorted(by: { $0.key < $1.key }) {
            let sum = [part.checksum.high, part.checksum.low].map { String($0, radix: 16) }
            notes.append(
                "set \(name) \(part.keyType) \(part.flags) \(part.keyLength)"
                    + " \(part.checksum.count) \(sum[0]) \(sum[1])")
            guard let sketch = part.sketch else { continue }
            let text = Array(sketch.text(keyLength: part.keyLength).utf8)
            for (number, start) in stride(from: 0, to: text.count, by: 80).enumerated() {
                let piece = text[start..<min(start + 80, text.count)]
                notes.append("cells \(name) \(number) \(String(decoding: piece, as: UTF8.self))")
            }
        }
        return notes
    }

    /// Reads the comments, cut into words; nil when they hold none.
    init?(_ notes: [[String]]) {
        var pieces: [String: [Int: String]] = [:]
        var found: [String: [String]] = [:]
        var words: [String: String] = [:]
        for note in notes {
            switch (note[0], note.count) {
            case ("set", 8): found[note[1]] = note
            case ("cells", 4):
                if let number = Int(note[2]) { pieces[note[1], default: [:]][number] = note[3] }
            case (_, 2): words[note[0]] = note[1]
            case _: continue
            }
        }
        guard let seal = words["seal"], let chains = words["chains"] else { return nil }
        self.seal = seal
        self.chains = chains
        sets = [:]
        for (name, note) in found {
            let text = pieces[name].map { pieces in
                pieces.sorted { $0.key < $1.key }.map(\.value).joined()
            }
            guard let part = Part(note, sketch: text) else { return nil }
            sets[name] = part
        }
    }
}

extension LoadRecord.Part {
    init(_ form: SetForm) {
        self.init(
            keyType: form.keyType, flags: form.flags, keyLength: form.keyLength,
            checksum: SetChecksum())
        if form.elements.count >= LoadRecord.sketchedCount {
            let sketch = SetSketch(form.elements)
            checksum = sketch.checksum
            self.sketch = sketch
        } else {
            checksum = SetChecksum(form.elements)
        }
    }

    fileprivate init?(_ note: [String], sketch text: String?) {
        guard let keyType = UInt32(note[2]), let flags = UInt32(note[3]),
            let keyLength = UInt32(note[4]), keyLength <= 16, let count = UInt32(note[5]),
            let high = UInt64(note[6], radix: 16), let low = UInt64(note[7], radix: 16)
        else { return nil }
        let checksum = SetChecksum(count: count, high: high, low: low)
        self.init(
            keyType: keyType, flags: flags, keyLength: keyLength, checksum: checksum,
            sketch: text.flatMap { SetSketch($0, checksum: checksum, keyLength: keyLength) })
    }
}
