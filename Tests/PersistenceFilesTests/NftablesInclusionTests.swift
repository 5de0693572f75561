import PersistenceFiles
import Testing

/// Whether a distribution's nftables.conf loads a file, as nft(8) would read it.
@Suite struct NftablesInclusionTests {
    private static let target = "/etc/nftables.d/tproxy_mesh.nft"
    private static let root = "/etc/nftables.conf"
    private typealias Fate = NftablesInclusion.Fate
    private typealias Place = NftablesInclusion.Place

    private func fate(
        of target: String = target, _ text: String, beside others: [String: String] = [:],
        matching: @escaping (String) -> [String] = { _ in [] }
    ) -> NftablesInclusion.Fate {
        let files = others.merging([Self.root: text]) { old, _ in old }
        return NftablesInclusion.fate(
            of: target, in: Self.root, .init(text: { files[$0] }, matching: matching))
    }

    @Test(arguments: [
        #"include "/etc/nftables.d/*.nft""#,
        #"include "/etc/nftables.d/*""#,
        #"include "/etc/nftables.?/tproxy_[a-z]*.nft""#,
        #"include "nftables.d/*.nft""#,
        #"include "./etc/nftables.d/*.nft""#,
        #"include "/etc/nftables.d/tproxy_mesh.nft""#,
        #"  include"/etc/nftables.d/*.nft" # ours"#,
        #"table inet x { chain y { } }; include "/etc/nftables.d/*.nft""#,
        "include \\\n \"/etc/nftables.d/*.nft\"",
        #"define x = "}"; include "/etc/nftables.d/*.nft""#,
    ])
    func anIncludedFileIsLoaded(line: String) {
        #expect(fate("flush ruleset\n" + line) == .loaded(by: Place(Self.root, 2)))
    }

    @Test(arguments: [
        "", #"# include "/etc/nftables.d/*.nft""#, #"include "/etc/nftables.d""#,
        #"include "/etc/nftables.d/*.conf""#, #"include "/etc/nftables/*.nft""#,
        #"include "/etc/*.nft""#, #"include '/etc/nftables.d/*.nft'"#,
        #"define include = "/etc/nftables.d/*.nft""#, "include /etc/nftables.d/tproxy_mesh.nft",
        #"define x = "include "; # include "/etc/nftables.d/*.nft""#,
        #"include "/etc/nftables.d/*.nft"#,
    ])
    func aFileThatNoIncludeMatchesIsNotLoaded(text: String) {
        #expect(fate(text) == .notIncluded)
    }

    @Test func aHiddenFileMatchesNoWildcard() {
        let text = #"include "/etc/nftables.d/*""#
        #expect(fate(of: "/etc/nftables.d/.tproxy.nft", text) == .notIncluded)
    }

    @Test(arguments: [
        "flush ruleset", "flush ruleset inet", "flush  ruleset;", "table ip x {}\nflush ruleset",
    ])
    func aLaterFlushIsNamed(flush: String) {
        let text = #"include "/etc/nftables.d/*.nft""# + "\n\(flush)\n"
        let line = flush.contains("\n") ? 3 : 2
        #expect(fate(text) == .flushed(by: Place(Self.root, line)))
    }

    @Test(arguments: ["flush ruleset ip", "flush table inet filter", "# flush ruleset"])
    func otherFlushesDontMatter(flush: String) {
        let text = #"include "/etc/nftables.d/*.nft""# + "\n\(flush)\n"
        #expect(fate(text) == .loaded(by: Place(Self.root, 1)))
    }

    @Test func anIncludeInATableIsReported() {
        let text = "table inet filter {\n include \"/etc/nftables.d/*.nft\"\n}\n"
        #expect(fate(text) == .insideBlock(Place(Self.root, 2)))
    }

    @Test func includedFilesAreFollowed() {
        let main = "/etc/nftables/main.nft"
        let followed = fate(
            "flush ruleset\ninclude \"\(main)\"\n",
            beside: [main: "\n\ninclude \"/etc/nftables.d/*.nft\"\n"],
            matching: { $0 == main ? [main] : [] })
        #expect(followed == .loaded(by: Place(main, 3)))
    }

    @Test func aLaterIncludedFileThatFlushesIsReported() {
        for (name, expected) in [
            ("/etc/nftables.d/a.nft", Fate.loaded(by: Place(Self.root, 1))),
            ("/etc/nftables.d/z.nft", Fate.flushed(by: Place("/etc/nftables.d/z.nft", 1))),
        ] {
            let found = fate(
                #"include "/etc/nftables.d/*.nft""#, beside: [name: "flush ruleset"],
                matching: { _ in [name, Self.target] })
            #expect(found == expected)
        }
    }

    @Test func aFileThatIncludesItselfEnds() {
        #expect(
            fate("include \"\(Self.root)\"", matching: { [$0] }) == .notIncluded)
    }
}
