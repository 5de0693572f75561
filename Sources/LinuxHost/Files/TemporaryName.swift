import Glibc

/// Names of files that are there only until they are renamed: `.direct.xml.tproxy-1234-5678`.
///
/// Whoever is killed while writing leaves one; the next run knows it by its name. It is hidden, and
/// doesn't end as the file does, so that no program takes it for configuration.
enum TemporaryName {
    static func make(for name: String) -> String {
        prefix(for: name) + "\(getpid())-\(UInt32.random(in: .min ... .max))"
    }

    /// The file that is locked while `name` is written.
    static func ofLock(for name: String) -> String { prefix(for: name) + "lock" }

    /// Only for who holds the folder's lock: then no other run can be writing.
    static func removeLeftovers(of name: String, in folder: Int32) {
        // The stream owns the descriptor that it is given, and shares its position.
        guard let listing = Descriptor(folder, ".", O_RDONLY | O_DIRECTORY) else { return }
        let copy = dup(listing.number)
        guard let stream = unsafe fdopendir(copy) else {
            close(copy)
            return
        }
        defer { unsafe closedir(stream) }
        var leftovers: [String] = []
        while let entry = unsafe readdir(stream) {
            let found = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(
                    to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)
                ) { unsafe String(cString: $0) }
            }
            if found.hasPrefix(prefix(for: name)), found != ofLock(for: name) {
                leftovers.append(found)
            }
        }
        for leftover in leftovers { _ = unsafe unlinkat(folder, leftover, 0) }
    }

    private static func prefix(for name: String) -> String { ".\(name).tproxy-" }
}
