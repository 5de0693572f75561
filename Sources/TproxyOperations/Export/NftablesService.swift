package import Diagnostics
import Glibc
import LinuxHost
import PersistenceFiles

/// The configuration that this host loads at boot with nft(8).
package struct NftablesService {
    /// The configuration of Debian and Arch, and that of Red Hat and SUSE.
    private static let configurations = ["/etc/nftables.conf", "/etc/sysconfig/nftables.conf"]

    package init() {}

    /// Returns the reasons why `file` isn't loaded at boot.
    package func diagnostics(of file: String) -> [Diagnostic] {
        let target = FileLocation.absolute(file)
        let present = Self.configurations.filter(FileLocation.exists)
        let fates = present.map { configuration in
            let fate = NftablesInclusion.fate(
                of: target, in: configuration, .init(text: Self.text, matching: Self.matching))
            return (configuration, fate)
        }
        let isLoaded = fates.contains { if case .loaded = $0.1 { true } else { false } }
        var found: [Diagnostic] = []
        if !isLoaded {
            found = fates.prefix(1).compactMap { $0.1.diagnostic(of: target, in: $0.0) }
            if fates.isEmpty { found.append(.noNftablesConfiguration(for: target)) }
        }
        if ["disabled", "masked"].contains(Systemctl()?.enablement(of: "nftables.service")) {
            found.append(.nftablesServiceDisabled())
        }
        return found
    }

    private static func text(of path: String) -> String? {
        try? InputFile(path).text
    }

    private static func matching(_ pattern: String) -> [String] {
        var list = unsafe glob_t()
        defer { unsafe globfree(&list) }
        guard unsafe glob(pattern, 0, nil, &list) == 0 else { return [] }
        return (0..<Int(unsafe list.gl_pathc)).compactMap { index in
            unsafe list.gl_pathv[index].map { unsafe String(cString: $0) }
        }
    }
}
