import Addressing
import Diagnostics
package import EBPFBackend
package import TproxyConfig

extension EBPFSettings {
    /// Reads the settings; a default leaves the choice to the host.
    ///
    /// Kuma's defaults are paths of its own image, and a folder that anyone may write. A configuration
    /// of Kuma may repeat them, so they count as defaults there, too (decision 0068).
    package init(_ config: TproxyConfig.EBPF, environment: [String: String]) {
        self.init()
        let defaults = TproxyConfig().ebpf
        bpffsPath = config.bpffsPath.given(unless: defaults.bpffsPath)
        cgroupPath = config.cgroupPath.given(unless: defaults.cgroupPath)
        programsPath = config.programsSourcePath.given(unless: defaults.programsSourcePath)
        interface = config.tcAttachIface.value
        instanceAddress =
            config.instanceIP.value
            ?? environment[config.instanceIPEnvVarName.value].flatMap { IPAddress($0) }
    }

    /// Returns an error if the variable that should hold the address holds something else.
    static func refusals(
        _ config: TproxyConfig.EBPF, _ environment: [String: String]
    ) -> [Diagnostic] {
        let name = config.instanceIPEnvVarName.value
        guard config.instanceIP.value == nil, !name.isEmpty, let text = environment[name],
            IPAddress(text) == nil
        else { return [] }
        return [
            .error(
                id: "invalid-value", "the variable \(name) holds '\(text)', which is no address",
                at: config.instanceIPEnvVarName.origin.location,
                help: "set it to an address, or set ebpf.instanceIP")
        ]
    }
}

extension Setting<String> {
    /// The value; nil if it is the default's.
    fileprivate func given(unless other: Self) -> String? {
        value == other.value ? nil : value
    }
}
