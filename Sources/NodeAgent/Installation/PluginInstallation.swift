package import CNIInstallation
import Diagnostics
import LinuxHost
package import TproxyOperations

/// The plugin on the node: its file, and its place in the network's configuration.
package struct PluginInstallation {
    /// Where runtimes find the plugin's configuration.
    package enum Method: String, CaseIterable, Sendable {
        /// A file of its own, which libcni adds to the network's list since its version 1.3.0.
        case dropIn = "drop-in"
        /// An entry in the network's list.
        case conflist
    }

    package struct Settings: Sendable {
        package var binFolder: String
        package var confFolder: String
        /// The plugin in the image.
        package var plugin: String
        package var method: Method
        package var entry: PluginEntry

        package init(
            binFolder: String, confFolder: String, plugin: String, method: Method,
            entry: PluginEntry
        ) {
            self.binFolder = binFolder
            self.confFolder = confFolder
            self.plugin = plugin
            self.method = method
            self.entry = entry
        }
    }

    private static let dropInName = "50-tproxy.conf"
    /// The versions of the specification that the plugin has.
    private static let versions = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"]

    private let settings: Settings
    private let folder: NetworkFolder
    private var binary: PluginBinary
    /// A list that we have replaced, into which its writer may still be writing.
    private var former: Former?

    private struct Former {
        var file: FormerFile
        var name: String
        /// What we have written in its place.
        var written: [UInt8]
        var end: ContinuousClock.Instant
    }

    package init(_ settings: Settings) {
        self.settings = settings
        folder = NetworkFolder(path: settings.confFolder)
        binary = PluginBinary(folder: settings.binFolder, source: settings.plugin)
    }

    /// The folders whose changes require `ensure`.
    package var watchedFolders: [String] {
        let folders = (try? dropInFolders()) ?? []
        return [settings.binFolder, settings.confFolder] + folders.map { folder.path(of: $0) }
    }

    /// Restores what is missing; returns what was done, in words.
    package mutating func ensure() throws(OperationFailure) -> [String] {
        var changes: [String] = []
        // The file comes first: a configuration without it would fail every pod.
        if try binary.ensure() { changes.append("installed '\(binary.path)'") }
        if try recoverLateContent() {
            changes.append("restored what another program wrote while the list was replaced")
        }
        let names = try folder.names()
        guard let primary = folder.primary(of: names) else {
            throw OperationFailure(.noNetwork(settings.confFolder))
        }
        let configuration = try folder.configuration(primary)
        try check(configuration, primary)
        switch (configuration.form, settings.method) {
        case (.plugin, _):
            changes += try wrap(configuration, primary)
            changes += try removeDropIns(except: nil)
        case (.list, .dropIn) where !configuration.refusesDropIns:
            changes += try dropIn(configuration)
            changes += try removeEntry(from: primary, configuration)
            changes += try removeWrappers(of: names)
        case (.list, _):
            changes += try addEntry(to: primary, configuration)
            changes += try removeDropIns(except: nil)
            changes += try removeWrappers(of: names)
        }
        return changes
    }

    /// Removes the configuration, and then replaces the plugin by one that passes every pod.
    package func remove() throws(OperationFailure) -> [String] {
        var changes: [String] = []
        let names = try folder.names()
        changes += try removeWrappers(of: names)
        for name in names where NetworkFolder.form(of: name) == .list && !folder.isWrapper(name) {
            // A list that can't be read has no entry that a runtime could read.
            guard let configuration = try? folder.configuration(name) else { continue }
            changes += try removeEntry(from: name, configuration)
        }
        changes += try removeDropIns(except: nil)
        if try binary.disable() {
            changes.append("replaced '\(binary.path)' by a plugin that passes every pod")
        }
        return changes
    }

    private func check(
        _ configuration: NetworkConfiguration, _ name: String
    ) throws(OperationFailure) {
        guard Self.versions.contains(configuration.version) else {
            throw OperationFailure(.otherVersion(folder.path(of: name), configuration.version))
        }
    }

    // MARK: The list

    private mutating func addEntry(
        to name: String, _ configuration: NetworkConfiguration
    ) throws(OperationFailure) -> [String] {
        guard configuration.adding(settings.entry) != configuration.bytes else { return [] }
        let path = folder.path(of: name)
        let file = FormerFile(path)
        var written: [UInt8] = []
        let isChanged = try folder.edit(name) { configuration in
            written = configuration.adding(settings.entry)
            return written
        }
        guard isChanged else { return [] }
        if let file {
            former = Former(
                file: file, name: name, written: written, end: .now.advanced(by: .seconds(10)))
        }
        return ["added the plugin to '\(path)'"]
    }

    /// Writes what another program has written into the file that we replaced meanwhile.
    private mutating func recoverLateContent() throws(OperationFailure) -> Bool {
        guard let former else { return false }
        if former.end < .now { self.former = nil }
        guard let content = former.file.laterContent,
            (try? NetworkConfiguration(content, .list)) != nil
        else { return false }
        self.former = nil
        var isOurs = false
        let isChanged = try folder.edit(former.name) { present in
            // A newer list of another program counts more.
            isOurs = present.bytes == former.written
            return isOurs ? content : present.bytes
        }
        return isOurs && isChanged
    }

    /// Whether `ensure` has to be called within a second, even if nothing is reported.
    package var isUnsettled: Bool { former != nil }

    private func removeEntry(
        from name: String, _ configuration: NetworkConfiguration
    ) throws(OperationFailure) -> [String] {
        guard configuration.hasEntry, try folder.edit(name, { $0.removing() }) else { return [] }
        return ["removed the plugin from '\(folder.path(of: name))'"]
    }

    // MARK: The list around a single plugin

    private func wrap(
        _ configuration: NetworkConfiguration, _ name: String
    ) throws(OperationFailure) -> [String] {
        let wrapper = try folder.wrapper(of: name)
        guard try folder.write(configuration.wrapped(with: settings.entry), to: wrapper) else {
            return []
        }
        return ["wrapped '\(folder.path(of: name))' in '\(folder.path(of: wrapper))'"]
    }

    private func removeWrappers(of names: [String]) throws(OperationFailure) -> [String] {
        var changes: [String] = []
        for name in names where folder.isWrapper(name) {
            if try folder.write(nil, to: name) {
                changes.append("removed '\(folder.path(of: name))'")
            }
        }
        return changes
    }

    // MARK: Drop-in files

    private func dropIn(
        _ configuration: NetworkConfiguration
    ) throws(OperationFailure) -> [String] {
        let name = configuration.name
        guard !name.isEmpty, !name.hasPrefix("."), !name.utf8.contains(UInt8(ascii: "/")) else {
            throw OperationFailure(.unnamedNetwork(settings.confFolder, name))
        }
        do throws(HostFileError) {
            try FileName.makeFolder(folder.path(of: name), mode: 0o755)
        } catch {
            throw OperationFailure(error.diagnostic(whenWriting: true))
        }
        let file = "\(name)/\(Self.dropInName)"
        var changes: [String] = []
        if try folder.write(settings.entry.file, to: file) {
            try folder.announce()
            changes.append("wrote '\(folder.path(of: file))'")
        }
        return try changes + removeDropIns(except: name)
    }

    private func removeDropIns(except kept: String?) throws(OperationFailure) -> [String] {
        var changes: [String] = []
        for name in try dropInFolders() where name != kept {
            let file = "\(name)/\(Self.dropInName)"
            guard try folder.write(nil, to: file) else { continue }
            FileName.removeFolder(folder.path(of: name))
            changes.append("removed '\(folder.path(of: file))'")
        }
        if !changes.isEmpty { try folder.announce() }
        return changes
    }

    /// The folders that have a drop-in file of ours.
    private func dropInFolders() throws(OperationFailure) -> [String] {
        let names = (try? KernelFolder.names(in: settings.confFolder)) ?? []
        return names.filter {
            FileLocation.exists(folder.path(of: "\($0)/\(Self.dropInName)"))
        }
    }
}

extension Diagnostic {
    fileprivate static func noNetwork(_ folder: String) -> Diagnostic {
        .error(
            id: "no-network", "there is no network configuration in '\(folder)' yet",
            help: "install the cluster's network plugin, or name its folder with --cni-conf-dir")
    }

    fileprivate static func otherVersion(_ path: String, _ version: String) -> Diagnostic {
        .error(
            id: "unusable-network",
            "can't add the plugin to '\(path)': its cniVersion is '\(version)'",
            notes: ["the plugin has the versions 0.3.1, 0.4.0, 1.0.0 and 1.1.0"],
            help: "upgrade the cluster's network plugin")
    }

    fileprivate static func unnamedNetwork(_ folder: String, _ name: String) -> Diagnostic {
        .error(
            id: "unusable-network", "the network in '\(folder)' is called '\(name)'",
            notes: ["drop-in files are in a folder of that name"],
            help: "correct the name, or use --install conflist")
    }
}
