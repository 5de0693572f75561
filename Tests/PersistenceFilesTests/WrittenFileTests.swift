import PersistenceFiles
import Testing

/// Foreign files are never replaced or removed.
@Suite struct WrittenFileTests {
    private let file = WrittenFile("[Unit]\nDescription=x\n", version: "1.2.3")

    @Test func recognizesItsOwnFile() throws {
        try WrittenFile.check(Array(file.text.utf8))
        #expect(file.text.hasPrefix("# Written by tproxy 1.2.3"))
        let newer = WrittenFile("[Unit]\nDescription=y\n", version: "2.0.0-rc.1")
        #expect(try newer.replacing(Array(file.text.utf8)) == Array(newer.text.utf8))
        #expect(try newer.replacing(nil) == Array(newer.text.utf8))
    }

    @Test(arguments: [
        "", "\n", "[Unit]\nDescription=x\n", "# Written by hand\n", "\u{FEFF}# Written by tproxy\n",
        " # Written by tproxy 1.2.3\n",
    ])
    func leavesAForeignFileAlone(text: String) {
        #expect(throws: WrittenFile.Refusal.foreign) { try file.replacing(Array(text.utf8)) }
    }

    @Test func leavesAnEditedFileAlone() {
        for edited in [
            file.text + "\n", file.text + "# mine\n", String(file.text.dropLast()),
            file.text.replacing("Description=x", with: "Description=z"),
            file.text.replacing("\n", with: "\r\n"), "# Written by tproxy 1.2.3\n",
        ] {
            #expect(throws: WrittenFile.Refusal.edited) { try file.replacing(Array(edited.utf8)) }
        }
    }

    @Test func bytesThatAreNoTextAreForeign() {
        #expect(throws: WrittenFile.Refusal.foreign) { try WrittenFile.check([0xFF, 0xFE, 0x0A]) }
    }
}
