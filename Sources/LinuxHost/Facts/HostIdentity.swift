/// The name of this host, for titles.
package enum HostIdentity {
    /// The name that hostname(1) prints; `this host` if it can't be read.
    package static var name: String {
        let text = (try? KernelFile.contents(of: "/proc/sys/kernel/hostname", upTo: 4096)) ?? ""
        let name = text.prefix { $0 != "\n" }
        return name.isEmpty ? "this host" : String(name)
    }
}
