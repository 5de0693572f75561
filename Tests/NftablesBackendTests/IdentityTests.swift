import Addressing
import RuleIR
import Testing

@testable import NftablesBackend

@Suite struct IdentityTests {
    private static func table(_ addresses: Int) throws -> NftTable {
        let members = (0..<addresses).map { index in
            IPPrefix(IPAddress(family: .ipv6, bits: 0xFD00 << 112 | UInt128(index * 2)))
        }
        let set = NamedSet(
            SetName("outbound_excluded_ipv6"),
            .addresses(.ipv6, members.map { .init($0, source: "test") }))
        return NftTable(
            Ruleset(instance: .mesh, families: [.ipv4, .ipv6], sets: [set], baseChains: []))
    }

    private static func comments(_ identity: Identity) -> [String] {
        identity.set.elements.compactMap { element in
            guard case .note(_, let comment) = element else { return nil }
            return comment
        }
    }

    @Test(arguments: [0, 5, LoadRecord.sketchedCount + 1])
    func whatIsWrittenIsRead(addresses: Int) throws {
        let form = TableForm(try Self.table(addresses))
        let record = try #require(LoadRecord(form, seal: "00ff"))
        let identity = Identity(
            version: "1.2", digest: form.digest, ownedAlias: nil, record: record)
        let comments = Self.comments(identity)
        #expect(Identity(comments.shuffled()) == identity)
        // NFTNL_UDATA_COMMENT_MAXLEN.
        #expect(comments.allSatisfy { $0.utf8.count <= 128 })
        #expect((record.sets.first?.value.sketch != nil) == (addresses > 2000))
    }

    /// What versions up to 0.1 wrote.
    @Test func anOlderIdentityIsRead() throws {
        let identity = try #require(
            Identity(["made by tproxy 0.1.0", "digest abc", "address none"]))
        #expect(identity.version == "0.1.0")
        #expect(identity.digest == "abc")
        #expect(identity.form == .listing)
        #expect(identity.record == nil)
        #expect(!identity.isSame(as: Identity(version: "0.1.0", digest: "abc", ownedAlias: nil)))
    }

    @Test func othersCommentsAreNoIdentity() {
        #expect(Identity([]) == nil)
        #expect(Identity(["made by hand"]) == nil)
        #expect(Identity(["digest x"]) == nil)
    }

    /// Nothing is believed of a record that isn't whole.
    @Test func aRecordWithoutItsSealIsNone() throws {
        let form = TableForm(try Self.table(3000))
        let record = try #require(LoadRecord(form, seal: "00ff"))
        let identity = Identity(version: "1", digest: "2", ownedAlias: nil, record: record)
        let comments = Self.comments(identity)
        #expect(Identity(comments.filter { !$0.hasPrefix("seal") })?.record == nil)
        let cut = try #require(
            Identity(comments.filter { !$0.hasPrefix("cells outbound_excluded_ipv6 3 ") }))
        #expect(cut.record?.sets.values.first?.sketch == nil)
        #expect(LoadRecord(form, seal: nil) == nil)
    }
}
