/// The files of /proc in which the kernel tells the cgroups of a process or thread (cgroups(7)).
package enum CgroupFile {
    /// Returns the path of the cgroup of version 2 that `file` names, such as `/user.slice`; nil if
    /// there is none, or the file can't be read.
    package static func unified(in file: String) -> Substring? {
        let table = (try? KernelFile.contents(of: file)) ?? ""
        // The line of version 2 is `0::/a/b`.
        return table.split(separator: "\n").first { $0.hasPrefix("0::/") }?.dropFirst("0::".count)
    }
}
