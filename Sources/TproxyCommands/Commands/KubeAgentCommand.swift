import ArgumentParser
import Diagnostics
import KubernetesAPI
import LinuxHost
import NodeAgent
import TproxyOperations

extension AgentSettings.Installation: ExpressibleByArgument {}

struct KubeAgentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Keep the plugin installed and the pods' rules loaded.",
        discussion: """
            Runs on each node, as a DaemonSet. It installs tproxy-cni and keeps it installed, answers it \
            on a Unix socket, compares the rules of the node's running pods with their annotations and \
            repairs them, and serves /healthz, /readyz and /metrics. Ending it leaves everything \
            installed; --uninstall removes it.
            """)

    @Option(help: "The name of this node (default: NODE_NAME).")
    var node: String?

    @Option(help: ArgumentHelp("The folder of the node's plugins.", valueName: "folder"))
    var cniBinDir = "/opt/cni/bin"

    @Option(
        help: ArgumentHelp("The folder of the node's network configurations.", valueName: "folder"))
    var cniConfDir = "/etc/cni/net.d"

    @Option(help: ArgumentHelp("The plugin to install.", valueName: "file"))
    var plugin = "/usr/bin/tproxy-cni"

    @Option(
        help: ArgumentHelp(
            "Where the plugin is configured: auto, drop-in or conflist.",
            discussion: """
                auto writes a drop-in file if the running containerd or CRI-O was built with libcni \
                1.3.0 or later, which reads it, and otherwise an entry in the network's list.
                """, valueName: "where"))
    var install = AgentSettings.Installation.automatic

    @Option(help: ArgumentHelp("The Unix socket for the plugin.", valueName: "path"))
    var socket = "/run/tproxy/agent.sock"

    @Option(help: ArgumentHelp("The address that serves the state.", valueName: "address"))
    var listen = ":9094"

    @Option(
        help: ArgumentHelp(
            "A taint to remove from the node when the plugin is installed.", valueName: "key"))
    var taint: String?

    @Option(
        help: ArgumentHelp(
            "Namespaces whose pods are never redirected, separated by commas.",
            valueName: "names"))
    var excludeNamespaces = "kube-system"

    @Option(
        help: ArgumentHelp(
            "The agent's own DaemonSet, whose pods the plugin passes.", valueName: "namespace/name")
    )
    var daemonSet = AgentSettings.defaultDaemonSet

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A file that configures all pods, at this path on the node as well.",
            discussion: "Repeat it or separate with commas; later ones win.", valueName: "file"))
    var config: [String] = []

    @Option(
        help: ArgumentHelp(
            "The API server (default: that of the pod's environment).", valueName: "url"))
    var apiServer: String?

    @Option(
        help: ArgumentHelp("The token for the API server; empty sends none.", valueName: "file"))
    var tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token"

    @Option(
        help: ArgumentHelp(
            "The certificates of the API server's authority; empty uses the system's.",
            valueName: "file"))
    var caFile = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"

    @Option(
        help: ArgumentHelp(
            "The time over which agents that start together spread their first lists.",
            valueName: "seconds"))
    var listSpread = 40

    @Option(help: ArgumentHelp("Where the node's /proc is mounted.", valueName: "folder"))
    var procDir = "/proc"

    @Flag(help: "Remove the plugin's configuration, and leave a plugin that passes every pod.")
    var uninstall = false

    func validate() throws {
        guard (0...3600).contains(listSpread) else {
            throw ValidationError("--list-spread must be 0 to 3600 seconds")
        }
        guard uninstall || APIServer.isName(nodeName) else {
            throw ValidationError(
                nodeName.isEmpty
                    ? "give --node NAME, or set NODE_NAME" : "'\(nodeName)' is not a node's name")
        }
        guard uninstall || serverURL != nil else {
            throw ValidationError("give --api-server URL: KUBERNETES_SERVICE_HOST is not set")
        }
    }

    private var nodeName: String { node ?? ProcessEnvironment.variables["NODE_NAME"] ?? "" }

    private var serverURL: String? {
        apiServer ?? APIServer.address(in: ProcessEnvironment.variables)
    }

    func run() throws {
        let settings = settings
        guard !uninstall else {
            let changes = try settings.pluginInstallation.remove()
            for change in changes { Console.result(change) }
            if changes.isEmpty { Console.result("nothing is installed") }
            return
        }
        try NodeAgent(settings) { AgentReport.print($0) }.run()
    }

    private var settings: AgentSettings {
        let server = APIServer(
            url: serverURL ?? "", tokenFile: tokenFile.isEmpty ? nil : tokenFile,
            authoritiesFile: caFile.isEmpty ? nil : caFile)
        var settings = AgentSettings(node: nodeName, server: server)
        settings.binFolder = cniBinDir
        settings.confFolder = cniConfDir
        settings.plugin = plugin
        settings.installation = install
        settings.socket = socket
        settings.listen = listen
        settings.taint = taint.flatMap { $0.isEmpty ? nil : $0 }
        settings.excludedNamespaces = excludeNamespaces.split(separator: ",").map(String.init)
        settings.daemonSet = daemonSet
        settings.configurationFiles = config.flatMap { $0.split(separator: ",").map(String.init) }
        settings.proc = procDir
        settings.spread = .seconds(listSpread)
        return settings
    }
}
