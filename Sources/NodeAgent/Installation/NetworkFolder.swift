import CNIInstallation
import Diagnostics
import LinuxHost
import TproxyOperations

/// The folder of network configurations, of which a container runtime reads the first.
struct NetworkFolder {
    /// The names of the list in which a single plugin is wrapped, which must sort before its file.
    private static let wrapperNames = ["00-tproxy.conflist", "0-tproxy.conflist"]

    let path: String

    func path(of name: String) -> String { "\(path)/\(name)" }

    /// The names of all networks' files, in the order in which runtimes read them.
    func names() throws(OperationFailure) -> [String] {
        do throws(ReadFailure) {
            return try KernelFolder.names(in: path)
                .filter {
                    $0.hasSuffix(".conflist") || $0.hasSuffix(".conf") || $0.hasSuffix(".json")
                }
                .sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        } catch {
            throw OperationFailure(
                .error(
                    id: "unreadable-folder",
                    "can't read the folder of network configurations '\(path)': \(error.reason)",
                    help: "mount the node's folder there, or name it with --cni-conf-dir"))
        }
    }

    /// Returns the name of the file that the runtime reads; nil if there is none.
    func primary(of names: [String]) -> String? {
        names.first { !isWrapper($0) }
    }

    static func form(of name: String) -> NetworkConfiguration.Form {
        name.hasSuffix(".conflist") ? .list : .plugin
    }

    /// Returns the name of the list that wraps the file `name`.
    func wrapper(of name: String) throws(OperationFailure) -> String {
        let fitting = Self.wrapperNames.first {
            Array($0.utf8).lexicographicallyPrecedes(Array(name.utf8))
        }
        guard let fitting else {
            throw OperationFailure(
                .error(
                    id: "no-earlier-name",
                    "no list of ours would be read before '\(path(of: name))'",
                    help: "rename that file, so that its name begins with a digit"))
        }
        return fitting
    }

    /// Whether `name` is a list of ours that wraps another file.
    func isWrapper(_ name: String) -> Bool {
        guard Self.wrapperNames.contains(name) else { return false }
        return (try? configuration(name))?.hasEntry ?? false
    }

    func configuration(_ name: String) throws(OperationFailure) -> NetworkConfiguration {
        let bytes: [UInt8]?
        do throws(HostFileError) {
            bytes = try HostFile(path(of: name)).read()
        } catch {
            throw OperationFailure(error.diagnostic(whenWriting: false))
        }
        guard let bytes else { throw OperationFailure(.vanished(path(of: name))) }
        do throws(NetworkConfigurationProblem) {
            return try NetworkConfiguration(bytes, Self.form(of: name))
        } catch {
            throw OperationFailure(.unusable(path(of: name), error))
        }
    }

    /// Replaces the file with the result of `change`; returns whether it has changed.
    func edit(
        _ name: String, _ change: (NetworkConfiguration) -> [UInt8]
    ) throws(OperationFailure) -> Bool {
        let path = path(of: name)
        return try Self.changing(path) {
            () throws(HostFileUpdateError<NetworkConfigurationProblem>) in
            try HostFile(path).update(defaultMode: 0o644) {
                (old) throws(NetworkConfigurationProblem) in
                guard let old else { return nil }
                return change(try NetworkConfiguration(old, Self.form(of: name)))
            }
        }
    }

    /// Gives a file of ours this content, or removes it; returns whether it has changed.
    ///
    /// Without a change, nothing is written: each report of this folder leads back here.
    func write(_ bytes: [UInt8]?, to name: String) throws(OperationFailure) -> Bool {
        let path = path(of: name)
        if let present = try? HostFile(path).read(), present == bytes { return false }
        return try Self.changing(path) {
            () throws(HostFileUpdateError<NetworkConfigurationProblem>) in
            try HostFile(path).update(defaultMode: 0o644) {
                (_) throws(NetworkConfigurationProblem) in bytes
            }
        }
    }

    private static func changing(
        _ path: String,
        _ update: () throws(HostFileUpdateError<NetworkConfigurationProblem>) -> HostFile.Outcome
    ) throws(OperationFailure) -> Bool {
        do throws(HostFileUpdateError<NetworkConfigurationProblem>) {
            return try update() != .unchanged
        } catch {
            switch error {
            case .file(let problem):
                throw OperationFailure(problem.diagnostic(whenWriting: true))
            case .refused(let problem): throw OperationFailure(.unusable(path, problem))
            }
        }
    }

    /// Makes runtimes read the folder again.
    ///
    /// containerd watches this folder alone, not those of drop-in files, and ignores new folders.
    func announce() throws(OperationFailure) {
        let name = ".tproxy-announcement"
        _ = try write([], to: name)
        _ = try write(nil, to: name)
    }
}

extension Diagnostic {
    fileprivate static func vanished(_ path: String) -> Diagnostic {
        .error(
            id: "unreadable-file", "'\(path)' was removed while it was read",
            help: "nothing: the agent reads the folder again")
    }

    fileprivate static func unusable(
        _ path: String, _ problem: NetworkConfigurationProblem
    ) -> Diagnostic {
        .error(
            id: "unusable-network", "can't add the plugin to '\(path)': \(problem.reason)",
            notes: ["the file is unchanged"],
            help: "correct the file; the agent reads it again when it changes")
    }
}
