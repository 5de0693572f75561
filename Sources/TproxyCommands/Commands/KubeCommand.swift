import ArgumentParser
import KubernetesManifests
import TproxyOperations

/// The commands for pods of Kubernetes.
struct KubeCommand: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "kube", abstract: "Add the transparent proxy to pods of Kubernetes.",
        subcommands: [KubeInjectCommand.self, KubeEjectCommand.self, KubeAgentCommand.self])
}

struct KubeInjectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inject", abstract: "Print a manifest with the proxy in each of its pods.",
        discussion: """
            Adds an init container that loads the rules, or with --cni only the annotations that \
            tproxy-cni reads. All other bytes of the manifest stay. It may hold several documents: Pods, \
            Deployments, StatefulSets, DaemonSets, Jobs, CronJobs, and other objects, which are left as \
            they are.
            """)

    @Argument(help: "The manifest, YAML; - is standard input.")
    var file: String

    @Option(help: "The image of the init container.")
    var image: String?

    @Flag(help: "Add annotations only: the plugin tproxy-cni loads the rules.")
    var cni = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A configuration file, such as a ConfigMap's config.yaml; annotations override it.",
            discussion: "Repeat it or separate with commas; later ones win.", valueName: "file"))
    var config: [String] = []

    @Option(help: "The name of the proxy's container.")
    var sidecar = "kuma-sidecar"

    @Flag(help: "Warn of unknown keys instead of refusing them.")
    var allowUnknownKeys = false

    func validate() throws {
        guard cni != (image != nil) else {
            throw ValidationError(
                cni ? "--cni needs no --image; leave it out" : "give --image NAME, or --cni")
        }
    }

    func run() throws {
        let injection = try ManifestInjection(
            image.map { Injection.Method.initContainer(image: $0) } ?? .plugin, sidecar: sidecar,
            configurations: config.flatMap { $0.split(separator: ",").map(String.init) },
            allowUnknownKeys: allowUnknownKeys)
        let result = try injection.inject(file)
        Console.report(result.notices)
        Console.file(result.text)
    }
}

struct KubeEjectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eject", abstract: "Print a manifest as it was before 'kube inject'.")

    @Argument(help: "The manifest, YAML; - is standard input.")
    var file: String

    func run() throws {
        Console.file(try ManifestInjection.eject(file))
    }
}
