import Digest
import RuleIR

/// The identity of our table: version, digest, owned address, time and state of the load.
///
/// It is a set whose elements carry comments. nft 1.0.6 omits the comments of tables and chains
/// from its JSON, and elements survive `nft flush table`.
struct Identity: Hashable, Sendable {
    static let setName = "identity"

    /// Tells what the digest covers and whether a record follows.
    enum Form: String, Hashable, Sendable {
        /// The digest of `CanonicalTable`; written by versions before 0.2.
        case table = "2"
        /// The digest of `CanonicalTable`, and a record of the identity itself.
        case recorded = "3"
    }

    var version: String
    /// The digest of the table without this set; empty while no rules are loaded.
    var digest: String
    var form = Form.recorded
    /// The prerequisites that were made for the rules.
    var ownedPrerequisites: [HostPrerequisite]
    /// The submission that loaded the rules; nil if an earlier version loaded them.
    var submission: Submission?
    /// When the rules were loaded; nil in printed documents, and if an earlier version loaded them.
    var loadedAt: LoadTime?
    /// Sets that were loaded for rules that aren't loaded yet, during or after an interrupted load.
    var loading: [String] = []
    /// Whether the set is complete and unmodified.
    private(set) var isWhole = true

    init(version: String, digest: String, ownedPrerequisites: [HostPrerequisite]) {
        self.version = version
        self.digest = digest
        self.ownedPrerequisites = ownedPrerequisites
    }

    var set: NftSet {
        var notes = ["made by tproxy \(version)"]
        if !digest.isEmpty { notes.append("digest \(form.rawValue) \(digest)") }
        if let submission { notes.append("sent \(submission.rawValue)") }
        notes += ownedPrerequisites.records + loading.map { "loading \($0)" }
        if let loadedAt { notes.append("at \(loadedAt)") }
        if form == .recorded { notes.append(Self.record(of: notes)) }
        return NftSet(
            types: [.mark], name: Self.setName, isInterval: false,
            elements: notes.enumerated().map { .note($0.offset + 1, $0.element) })
    }

    /// Reads the comments of the set; nil if the set isn't ours.
    init?(_ comments: [String]) {
        var words: [String: [String]] = [:]
        for comment in comments {
            let parts = comment.split(separator: " ").map(String.init)
            guard parts.count >= 2 else { continue }
            words[parts[0]] = parts
            if parts[0] == "loading" { loading.append(parts[1]) }
        }
        loading.sort()
        guard let version = words["made"]?.last,
            let owned = [HostPrerequisite](records: comments)
        else { return nil }
        self.version = version
        ownedPrerequisites = owned
        if let digest = words["digest"] {
            self.digest = digest[digest.count - 1]
            // `digest FORM DIGEST`; an unknown form never equals a digest of the rules.
            form = Form(rawValue: digest[1]) ?? .recorded
        } else {
            guard !loading.isEmpty else { return nil }
            digest = ""
        }
        loadedAt = words["at"]?.last.flatMap { LoadTime($0) }
        submission = words["sent"]?.last.flatMap { Submission(rawValue: $0) }
        guard form == .recorded else { return }
        isWhole = comments.contains(Self.record(of: comments.filter { !$0.isRecord }))
    }

    /// Whether both describe the same rules in the same way, regardless of the submission and its
    /// time.
    func isSame(as other: Identity) -> Bool {
        var other = other
        other.submission = submission
        other.loadedAt = loadedAt
        return self == other
    }

    /// Returns the note that shows whether the other notes were modified.
    private static func record(of notes: [String]) -> String {
        recordStart + SHA256.hexadecimal(notes.sorted().joined(separator: "\n").utf8)
    }

    fileprivate static let recordStart = "record "
}

extension String {
    fileprivate var isRecord: Bool { hasPrefix(Identity.recordStart) }
}
