import Diagnostics
import TproxyConfigYAML

/// Finds where lines can be added to one pod of a manifest.
struct PodInsertion {
    private let manifest: Manifest
    private let place: ManifestPod
    private let words: String
    private(set) var blocks: [MarkedLines] = []

    init(_ manifest: Manifest, _ place: ManifestPod, words: String) throws(ManifestProblem) {
        self.manifest = manifest
        self.place = place
        self.words = words
        if let missing = place.missing {
            throw ManifestProblem(
                .missingKey(missing, of: words, at: manifest.place(place.pod.start)))
        }
        for node in place.nodes { try checkIsEditable(node) }
    }

    /// Adds entries to `metadata.annotations`, which may be missing.
    mutating func addAnnotations(_ lines: [String]) throws(ManifestProblem) {
        let pod = place.pod
        guard let metadata = pod.entry("metadata") else {
            let nested = ["metadata:", "  annotations:"] + lines.map { "    " + $0 }
            try add(nested, before: pod)
            return
        }
        guard let annotations = metadata.value.entry("annotations") else {
            try add(["annotations:"] + lines.map { "  " + $0 }, behind: metadata)
            return
        }
        try checkIsEditable(metadata.value)
        try add(lines, behind: annotations)
    }

    /// Adds items to lists of `spec`, at the beginning or, for those in `atEnd`, at the end.
    mutating func addItems(
        _ lists: [(key: String, lines: [String], isAtEnd: Bool)]
    ) throws(ManifestProblem) {
        guard let spec = place.pod.entry("spec") else {
            throw ManifestProblem(
                .missingKey("spec", of: words, at: manifest.place(place.pod.start)))
        }
        var new: [String] = []
        for list in lists {
            guard let present = spec.value.entry(list.key) else {
                new += ["\(list.key):"] + list.lines
                continue
            }
            try checkIsEditable(spec.value)
            if list.isAtEnd, let items = present.value.items, !items.isEmpty {
                try checkIsEditable(present.value)
                blocks.append(
                    MarkedLines(
                        line: present.value.endLine, column: present.value.start.column,
                        lines: list.lines))
            } else {
                try add(list.lines, behind: present)
            }
        }
        if !new.isEmpty { try add(new, behind: spec) }
    }

    /// Adds lines as the first ones of the value of an entry, on the line behind the entry's key.
    private mutating func add(
        _ lines: [String], behind entry: YAMLNode.Entry
    ) throws(ManifestProblem) {
        let value = entry.value
        let line = manifest.source.line(entry.keyMark.line) ?? ""
        // Other text before a key is '?', whose value begins with ':', or a quote.
        guard line.unicodeScalars.prefix(entry.keyMark.column - 1).allSatisfy({ $0 == " " }) else {
            throw ManifestProblem(
                .notEditable(
                    words, "has a key that doesn't begin its line",
                    at: manifest.place(entry.keyMark)))
        }
        try checkIsEditable(value)
        let column: Int
        switch value.content {
        case .null(isWritten: false): column = entry.keyMark.column + 2
        case .mapping, .list:
            // The first key or dash of a block begins a line of its own.
            guard value.start.line > entry.keyMark.line else {
                throw ManifestProblem(
                    .notEditable(
                        words, "is on the line of its key", at: manifest.place(value.start)))
            }
            column = value.start.column
        case .null(isWritten: true), .scalar, .alias:
            throw ManifestProblem(
                .notEditable(words, "is not a block", at: manifest.place(value.start)))
        }
        blocks.append(MarkedLines(line: entry.keyMark.line + 1, column: column, lines: lines))
    }

    /// Adds entries before the first one of a mapping.
    private mutating func add(
        _ lines: [String], before mapping: YAMLNode
    ) throws(ManifestProblem) {
        let indent = (manifest.source.line(mapping.start.line) ?? "").prefix {
            $0 == " "
        }
        guard indent.count == mapping.start.column - 1 else {
            throw ManifestProblem(
                .notEditable(
                    words, "has no metadata, and begins behind other text",
                    at: manifest.place(mapping.start)))
        }
        blocks.append(
            MarkedLines(line: mapping.start.line, column: mapping.start.column, lines: lines))
    }

    /// Throws for a node whose text can't be extended without reading it in another way.
    private func checkIsEditable(_ node: YAMLNode) throws(ManifestProblem) {
        let place = manifest.place(node.start)
        if node.isFlow {
            throw ManifestProblem(
                .notEditable(words, "is written in braces or brackets", at: place))
        }
        if node.isAnchored {
            throw ManifestProblem(
                .notEditable(
                    words, "has an anchor, so that aliases would change with it", at: place))
        }
        if node.entry("<<") != nil {
            throw ManifestProblem(.notEditable(words, "has a merge key (<<)", at: place))
        }
        if case .alias = node.content {
            throw ManifestProblem(.notEditable(words, "is an alias", at: place))
        }
    }
}
