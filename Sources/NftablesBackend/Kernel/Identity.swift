import RuleIR

/// What our table says of itself.
///
/// It is a set whose elements carry comments: comments of tables and chains are lost in 1.0.6's
/// JSON, and elements outlive `nft flush table`.
struct Identity: Hashable, Sendable {
    static let setName = "identity"

    /// What the digest is of, and what else there is.
    enum Form: String, Hashable, Sendable {
        /// `CanonicalTable`, in versions before 0.2.
        case table = "2"
        /// `CanonicalTable`, and a record of the identity itself.
        case recorded = "3"
    }

    var version: String
    /// Of the table without this set; empty where no rules were loaded yet.
    var digest: String
    var form = Form.recorded
    /// The prerequisites that were made for the rules.
    var ownedPrerequisites: [HostPrerequisite]
    /// What sent the rules; nil where an earlier version did.
    var submission: Submission?
    /// Sets that were loaded for rules that are to follow: a load that is under way, or was interrupted.
    var loading: [String] = []
    /// Whether all of it is as it was written.
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
        if form == .recorded { notes.append(Self.record(of: notes)) }
        return NftSet(
            types: [.mark], name: Self.setName, isInterval: false,
            elements: notes.enumerated().map { .note($0.offset + 1, $0.element) })
    }

    /// Reads the comments of the set; nil when it isn't one of ours.
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
            // `digest FORM DIGEST`; without a form that is known here, it is no digest of the rules.
            form = Form(rawValue: digest[1]) ?? .recorded
        } else {
            guard !loading.isEmpty else { return nil }
            digest = ""
        }
        submission = words["sent"]?.last.flatMap { Submission(rawValue: $0) }
        guard form == .recorded else { return }
        isWhole = comments.contains(Self.record(of: comments.filter { !$0.isRecord }))
    }

    /// Whether the same program made both for the same rules, however it sent them.
    func isSame(as other: Identity) -> Bool {
        var other = other
        other.submission = submission
        return self == other
    }

    /// What tells whether the other notes are as they were written.
    private static func record(of notes: [String]) -> String {
        recordStart + SHA256.hexadecimal(notes.sorted().joined(separator: "\n").utf8)
    }

    fileprivate static let recordStart = "record "
}

extension String {
    fileprivate var isRecord: Bool { hasPrefix(Identity.recordStart) }
}
