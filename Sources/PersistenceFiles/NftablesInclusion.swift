import Glibc
package import RuleIR

/// Determines whether nft loads a file when it loads a configuration.
package struct NftablesInclusion {
    package enum Fate: Hashable, Sendable {
        /// The file is loaded by this line.
        case loaded(by: Place)
        /// The file is loaded, and a later `flush ruleset` deletes its table.
        case flushed(by: Place)
        /// The file is included within the braces of a table, where another table is a syntax
        /// error.
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

    /// Access to the files of the host.
    package struct Files {
        /// Returns the text of a file; nil if it can't be read.
        package var text: (String) -> String?
        /// Returns the files that match a glob(7) pattern.
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
    /// The number of bytes that may still be read, since files may include each other.
    private var rest = 8 << 20

    /// Returns the fate of `target`, an absolute path that need not exist yet.
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
                // No path is longer (PATH_MAX), and fnmatch(3) recurses for each star.
                guard pattern.utf8.count < 4096 else { continue }
                let pattern = Self.absolute(pattern)
                let isMatch = Self.matches(target, pattern)
                let others = files.matching(pattern).filter { $0 != target }
                // nft includes the files of a pattern in alphabetical order.
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

    /// Returns the absolute path of a pattern.
    ///
    /// nft searches relative paths in /etc, and those that begin with `./` in its working
    /// directory, which is / in a service. Directories that a service adds with `-I` aren't known
    /// here.
    private static func absolute(_ pattern: String) -> String {
        if pattern.hasPrefix("/") { return pattern }
        if pattern.hasPrefix("./") { return "/" + pattern.dropFirst(2) }
        return "/etc/" + pattern
    }

    private static func matches(_ path: String, _ pattern: String) -> Bool {
        unsafe fnmatch(pattern, path, FNM_PATHNAME | FNM_PERIOD) == 0
    }

    /// The maximum depth of includes (`MAX_INCLUDE_DEPTH` of nft).
    private static let maximumDepth = 16
}

/// A file for `nft -f` that loads the same rules as `apply`.
package enum NftablesFile {
    /// The directory that distributions' configurations include, if they include one.
    package static let folder = "/etc/nftables.d"

    package static func path(of instance: InstanceName) -> String {
        "\(folder)/tproxy_\(instance).nft"
    }

    /// Returns the text; `table` is the nft text and `digest` that of its rules.
    package static func body(table: String, digest: String, of instance: InstanceName) -> String {
        """
        # The rules of instance '\(instance)', digest \(digest).
        # Loading it replaces the table inet tproxy_\(instance) in one transaction, and no other.
        # To update:  tproxy export nftables --instance \(instance) …
        # To remove:  tproxy export nftables --instance \(instance) --remove

        \(table)
        """
    }
}
