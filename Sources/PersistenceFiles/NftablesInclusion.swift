import Glibc

/// What becomes of a file when nft loads a configuration that may include it.
package struct NftablesInclusion {
    package enum Fate: Hashable, Sendable {
        /// Loaded, by the line that is named.
        case loaded(by: Place)
        /// Loaded, and wiped by a `flush ruleset` that comes later.
        case flushed(by: Place)
        /// Included between the braces of a table, where another table is a syntax error.
        case insideBlock(Place)
        case notIncluded
    }

    package struct Place: Hashable, Sendable, CustomStringConvertible {
        package var file: String
        package var line: Int

        package init(_ file: String, _ line: Int) {
            self.file = file
            self.line = line
        }

        package var description: String { "\(file):\(line)" }
    }

    /// The files that are there.
    package struct Files {
        /// The text of a file; nil where there is none that can be read.
        package var text: (String) -> String?
        /// The files that a glob(7) pattern stands for.
        package var matching: (String) -> [String]

        package init(
            text: @escaping (String) -> String?, matching: @escaping (String) -> [String]
        ) {
            self.text = text
            self.matching = matching
        }
    }

    private let target: String
    private let files: Files
    private var fate = Fate.notIncluded
    /// How many bytes may still be looked at: files that include each other have no end.
    private var rest = 8 << 20

    /// The fate of `target`, an absolute path where there may be no file yet.
    package static func fate(of target: String, in configuration: String, _ files: Files) -> Fate {
        var inclusion = NftablesInclusion(target: target, files: files)
        inclusion.follow(configuration, depth: 0)
        return inclusion.fate
    }

    private init(target: String, files: Files) {
        self.target = target
        self.files = files
    }

    private mutating func follow(_ file: String, depth: Int) {
        guard depth < Self.maximumDepth, rest > 0, let text = files.text(file) else { return }
        rest -= max(text.utf8.count, 4096)
        for statement in NftStatements(in: text).found {
            switch statement {
            case .include(let pattern, let isInBlock, let line):
                // No path is longer (PATH_MAX), and fnmatch(3) goes one deeper for each star.
                guard pattern.utf8.count < 4096 else { continue }
                let pattern = Self.absolute(pattern)
                let isMatch = Self.matches(target, pattern)
                let others = files.matching(pattern).filter { $0 != target }
                // nft takes the files of a pattern in alphabetical order.
                for included in (others + (isMatch ? [target] : [])).sorted() {
                    if included == target {
                        let place = Place(file, line)
                        fate = isInBlock ? .insideBlock(place) : .loaded(by: place)
                    } else {
                        follow(included, depth: depth + 1)
                    }
                }
            case .flushRuleset(let line):
                if case .loaded = fate { fate = .flushed(by: Place(file, line)) }
            }
        }
    }

    /// Where nft looks for a path that isn't absolute.
    ///
    /// That is /etc; and for one that begins with `./`, where nft runs, which is / in a service.
    /// Folders that a service adds with `-I` aren't known here.
    private static func absolute(_ pattern: String) -> String {
        if pattern.hasPrefix("/") { return pattern }
        if pattern.hasPrefix("./") { return "/" + pattern.dropFirst(2) }
        return "/etc/" + pattern
    }

    private static func matches(_ path: String, _ pattern: String) -> Bool {
        unsafe fnmatch(pattern, path, FNM_PATHNAME | FNM_PERIOD) == 0
    }

    /// `MAX_INCLUDE_DEPTH` of nft.
    private static let maximumDepth = 16
}
