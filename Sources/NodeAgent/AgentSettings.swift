import CNI
import CNIInstallation
import JSON
package import KubernetesAPI
import TproxyOperations

/// How the agent of a node runs.
package struct AgentSettings: Sendable {
    package enum Installation: String, CaseIterable, Sendable {
        /// A drop-in file if the runtime is known to read it, otherwise an entry in the list.
        case automatic = "auto"
        case dropIn = "drop-in"
        case conflist
    }

    package var node: String
    package var binFolder = "/opt/cni/bin"
    package var confFolder = "/etc/cni/net.d"
    package var plugin = "/usr/bin/tproxy-cni"
    package var installation = Installation.automatic
    package var socket = AgentQuestion.defaultSocket
    package var listen = ":9094"
    /// The key of the taint to remove from the node when the plugin is installed.
    package var taint: String?
    package var excludedNamespaces = ["kube-system"]
    /// The agent's own DaemonSet, `NAMESPACE/NAME`.
    package var daemonSet = Self.defaultDaemonSet
    /// Files that configure all pods, at the same paths for the agent and on the node.
    package var configurationFiles: [String] = []
    package var proc = "/proc"
    package var server: APIServer
    /// The time over which the first lists of agents that start together are spread.
    package var spread = Duration.seconds(40)

    package static let defaultDaemonSet = "kube-system/tproxy-agent"

    package init(node: String, server: APIServer) {
        self.node = node
        self.server = server
    }

    /// The plugin's entry in the network's list.
    var entry: PluginEntry {
        var options: [String: JSONValue] = [
            "excludeNamespaces": .array(excludedNamespaces.map { .string($0) })
        ]
        if daemonSet != Self.defaultDaemonSet { options["agent"] = .string(daemonSet) }
        if socket != AgentQuestion.defaultSocket { options["agentSocket"] = .string(socket) }
        if !configurationFiles.isEmpty {
            options["configFiles"] = .array(configurationFiles.map { .string($0) })
        }
        return PluginEntry(options: options)
    }

    /// The plugin on this node.
    package var pluginInstallation: PluginInstallation {
        let isDropIn =
            switch installation {
            case .automatic: RuntimeLibrary(folder: proc).readsDropIns
            case .dropIn: true
            case .conflist: false
            }
        return PluginInstallation(
            PluginInstallation.Settings(
                binFolder: binFolder, confFolder: confFolder, plugin: plugin,
                method: isDropIn ? .dropIn : .conflist, entry: entry))
    }
}
