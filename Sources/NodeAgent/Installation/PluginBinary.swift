import CNI
import CNIInstallation
import Diagnostics
import LinuxHost
import TproxyOperations

/// The plugin's file on the node, which exists from its installation on.
struct PluginBinary {
    private static let limit = 256 << 20

    let folder: String
    /// The plugin in the image.
    let source: String
    /// The installed file as this process has left it.
    private var installed: FileStamp?

    init(folder: String, source: String) {
        self.folder = folder
        self.source = source
    }

    var path: String { "\(folder)/\(PluginEntry.type)" }

    /// Installs the plugin if another file, or none, has its name; returns whether it did.
    mutating func ensure() throws(OperationFailure) -> Bool {
        if let installed, installed == FileStamp(path) { return false }
        let plugin = try Self.bytes(of: source)
        if let stamp = FileStamp(path), stamp.isRegular, (try? Self.bytes(of: path)) == plugin {
            installed = stamp
            return false
        }
        try write(plugin, to: "\(path).new", thenOver: path)
        installed = FileStamp(path)
        return true
    }

    /// Replaces the plugin by one that passes every pod; does nothing if there is no plugin.
    ///
    /// Runtimes go on to call it: for pods whose networks they have read before, and to delete
    /// pods.
    func disable() throws(OperationFailure) -> Bool {
        guard FileStamp(path) != nil else { return false }
        let disabled = "\(folder)/\(CNIPlugin.disabledName)"
        let plugin: [UInt8]
        if FileLocation.exists(source) {
            plugin = try Self.bytes(of: source)
        } else {
            plugin = try Self.bytes(of: path)
        }
        try write(plugin, to: "\(disabled).new", thenOver: disabled)
        try Self.checked { () throws(HostFileError) in
            try FileName.link(path, to: CNIPlugin.disabledName)
        }
        return true
    }

    private func write(
        _ bytes: [UInt8], to temporary: String, thenOver name: String
    ) throws(OperationFailure) {
        try Self.checked { () throws(HostFileError) in
            // One that a killed run has left may have another mode.
            try FileName.remove(temporary)
            do throws(HostFileUpdateError<Never>) {
                try HostFile(temporary, limit: Self.limit).update(defaultMode: 0o755) {
                    (_) throws(Never) in bytes
                }
            } catch {
                switch error {
                case .file(let problem): throw problem
                }
            }
            try FileName.move(temporary, over: name)
        }
    }

    private static func bytes(of path: String) throws(OperationFailure) -> [UInt8] {
        let bytes: [UInt8]?
        do throws(HostFileError) {
            bytes = try HostFile(path, limit: limit).read()
        } catch {
            throw OperationFailure(error.diagnostic(whenWriting: false))
        }
        guard let bytes else {
            throw OperationFailure(
                .error(
                    id: "unreadable-file", "there is no plugin at '\(path)'",
                    help: "name the file tproxy-cni with --plugin"))
        }
        return bytes
    }

    private static func checked(
        _ body: () throws(HostFileError) -> Void
    ) throws(OperationFailure) {
        do throws(HostFileError) {
            try body()
        } catch {
            throw OperationFailure(error.diagnostic(whenWriting: true))
        }
    }
}
