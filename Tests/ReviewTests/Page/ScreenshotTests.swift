import Digest
import Foundation
import Testing
import TproxyTestSupport

/// The pictures of the documents show the page of the documents, docs/review.html.
///
/// Browsers and fonts draw a page differently, so pictures aren't compared: beside them stands the
/// digest of the page that they were made from. `make screenshots` makes them again.
@Suite(.serialized) struct ScreenshotTests {
    struct Picture: Sendable, CustomStringConvertible {
        var name: String
        var width: Int
        var height: Int
        var isDark = false
        var isPrint = false
        var question: Question?
        /// The part of the page; nil for the first screen.
        var part: String?

        var description: String { name }
    }

    private static let question = Question(["to": "203.0.113.1:3306", "uid": "1000"])

    static let pictures = [
        Picture(name: "desktop", width: 1440, height: 900),
        Picture(name: "dark", width: 1440, height: 900, isDark: true),
        Picture(name: "phone", width: 375, height: 812),
        Picture(name: "question", width: 1440, height: 900, question: question, part: "#flow"),
        Picture(
            name: "phone-question", width: 375, height: 812, question: question,
            part: "#explain"),
        Picture(name: "print", width: 794, height: 1123, isPrint: true),
    ]

    private static let folder = Scenario.root.appendingPathComponent("docs/pictures")
    private static let record = folder.appendingPathComponent("page.sha256")

    private static var digest: String {
        get throws {
            SHA256.hexadecimal(
                try String(contentsOf: PageFile.ofTheDocuments, encoding: .utf8).utf8)
                + "\n"
        }
    }

    @Test func picturesShowThePageOfTheDocuments() async throws {
        if ProcessInfo.processInfo.environment["RECORD"] == "1" { try await Self.recordPictures() }
        let recorded = try String(contentsOf: Self.record, encoding: .utf8)
        #expect(recorded == (try Self.digest), "run 'make screenshots'")
    }

    @Test(arguments: pictures) func pictureIsOfItsWidthAndInADocument(picture: Picture) throws {
        let data = try Data(contentsOf: Self.folder.appendingPathComponent("\(picture).png"))
        let width = PageMeasure.width(ofPNG: data)
        // A part has a margin.
        #expect(picture.part == nil ? width == picture.width : abs(width - picture.width) < 64)
        #expect(data.count < 500_000)
        let documents = try ["README.md", "docs/review.md"].map {
            try String(contentsOf: Scenario.root.appendingPathComponent($0), encoding: .utf8)
        }
        #expect(documents.contains { $0.contains("pictures/\(picture).png") })
    }

    @Test func noOtherPictureIsKept() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(files) == Set(Self.pictures.map { "\($0).png" } + ["page.sha256"]))
    }

    private static func recordPictures() async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await Browser.with { browser in
            for picture in pictures {
                try await browser.resize(width: picture.width, height: picture.height)
                try await browser.emulate(isDark: picture.isDark, isPrint: picture.isPrint)
                try await browser.open(
                    PageFile.ofTheDocuments, fragment: picture.question?.fragment ?? "")
                let data = try await browser.screenshot(of: picture.part)
                try data.write(to: folder.appendingPathComponent("\(picture).png"))
            }
            #expect(await browser.complaints == [])
        }
        try digest.write(to: record, atomically: true, encoding: .utf8)
    }
}
