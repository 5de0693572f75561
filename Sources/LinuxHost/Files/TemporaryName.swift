import Glibc

/// Names of files that exist until they are renamed: `.direct.xml.tproxy-1234-5678`.
///
/// A process that is killed while writing leaves one, and the next run recognises it by its name.
/// It is hidden and lacks the file's extension, so that no program reads it as configuration.
enum TemporaryName {
    static func make(for name: String) -> String {
        prefix(for: name) + "\(getpid())-\(UInt32.random(in: .min ... .max))"
    }

    /// Returns the name of the file that is locked while `name` is written.
    static func ofLock(for name: String) -> String { prefix(for: name) + "lock" }

    /// Removes leftovers; the caller must hold the folder's lock, so that no other run writes.
    static func removeLeftovers(of name: String, in folder: Int32) {
        // The stream owns its descriptor and shares the position, so it gets a descriptor of its
        // own.
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
