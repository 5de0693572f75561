import RuleIR
import Testing

@testable import NftablesBackend

@Suite struct IdentityTests {
    private static func comments(_ identity: Identity) -> [String] {
        identity.set.elements.compactMap { element in
            guard case .note(_, let comment) = element else { return nil }
            return comment
        }
    }

    private static let digest = String(repeating: "a", count: 64)

    private static func address() throws -> [HostPrerequisite] {
        [.address(try #require(LoopbackAddress(token: "::6@lo")))]
    }

    @Test(arguments: [[], ["list_ranges"], ["a_ranges", "b_ranges"]])
    func identityReadsBackFromItsComments(loading: [String]) throws {
        var identity = Identity(
            version: "1.2", digest: Self.digest, ownedPrerequisites: try Self.address())
        identity.loading = loading
        let comments = Self.comments(identity)
        let read = try #require(Identity(comments.shuffled()))
        #expect(read == identity)
        #expect(read.isWhole)
        // NFTNL_UDATA_COMMENT_MAXLEN.
        #expect(comments.allSatisfy { $0.utf8.count <= 128 })
    }

    /// Rules that are to be loaded for the first time have no digest yet.
    @Test func aFirstLoadIsRead() throws {
        var identity = Identity(version: "1.2", digest: "", ownedPrerequisites: [])
        identity.loading = ["list_ranges"]
        #expect(Identity(Self.comments(identity)) == identity)
        identity.loading = []
        #expect(Identity(Self.comments(identity)) == nil)
    }

    /// Also changes of the loopback address that it records.
    @Test func changedCommentsMakeTheIdentityBroken() throws {
        let identity = Identity(
            version: "1.2", digest: Self.digest, ownedPrerequisites: try Self.address())
        let comments = Self.comments(identity)
        var readable = 0
        for index in comments.indices {
            let words = comments[index].split(separator: " ").dropLast().joined(separator: " ")
            for change in ["\(words) none", "\(comments[index])0"] {
                var changed = comments
                changed[index] = change
                // Without a version, the set is no identity of ours.
                guard let read = Identity(changed) else { continue }
                readable += 1
                #expect(!read.isWhole, "\(change)")
                #expect(!read.isSame(as: identity), "\(change)")
            }
            var fewer = comments
            fewer.remove(at: index)
            guard let read = Identity(fewer) else { continue }
            readable += 1
            #expect(!read.isWhole, "without \(comments[index])")
        }
        #expect(readable >= 2 * comments.count, "\(comments)")
        #expect(Identity(comments + ["loading x"])?.isWhole == false)
    }

    /// With a digest of an unknown form, the table is ours but not intact.
    @Test(arguments: ["digest abc", "digest 1 abc", "digest 9 abc"])
    func digestOfAnUnknownFormIsNotWhole(digest: String) throws {
        let identity = try #require(Identity(["made by tproxy 0.1.0", digest, "address none"]))
        #expect(identity.version == "0.1.0")
        #expect(!identity.isWhole)
        #expect(
            !identity.isSame(as: Identity(version: "0.1.0", digest: "abc", ownedPrerequisites: [])))
    }

    @Test func foreignCommentsAreNoIdentity() {
        #expect(Identity([]) == nil)
        #expect(Identity(["made by hand"]) == nil)
        #expect(Identity(["digest x"]) == nil)
    }
}
