import Glibc

/// A program's file, as the dynamic linker sees it.
struct ProgramFile: Hashable {
    /// In bytes.
    var size: Int
    /// Whether libraries are looked for elsewhere than where the system has them.
    var hasRunPath: Bool
    /// Whether the linker's tables are read-only before the program starts.
    var hasFullRELRO: Bool

    var weaknesses: Int { (hasRunPath ? 1 : 0) + (hasFullRELRO ? 0 : 1) }

    init(_ path: String, _ workshop: Workshop) throws(BenchError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw .system(step: "looking at \(path)", reason: BenchError.lastReason)
        }
        let listing = workshop.path("readelf")
        try workshop.run(
            .installed("readelf", ["--dynamic", "--segments", "--wide", path], output: listing))
        self.init(size: Int(status.st_size), listing: try TextFile.read(listing))
    }

    /// Reads what `readelf --dynamic --segments` prints.
    init(size: Int, listing: String) {
        self.size = size
        let lines = listing.split(separator: "\n").map {
            $0.split { $0 == " " || $0 == "\t" }.map(String.init)
        }
        hasRunPath = lines.contains { $0.contains("(RPATH)") || $0.contains("(RUNPATH)") }
        let bindsAtStart = lines.contains {
            $0.contains("(BIND_NOW)") || $0.contains("(FLAGS_1)") && $0.contains("NOW")
        }
        hasFullRELRO = bindsAtStart && lines.contains { $0.contains("GNU_RELRO") }
    }
}
