import CNIInstallation
import Foundation
import Glibc
import Diagnostics
import JSON
import Testing
import TproxyOperations
import TproxyTestSupport

@testable import NodeAgent

/// The plugin's installation in folders that stand in for a node's.
struct PluginInstallationTests {
    private static let entry = PluginEntry(options: [:])

    /// A node's folders, and the image's plugin.
    private final class Node {
        let folder: TestFolder
        var method = PluginInstallation.Method.conflist

        init(_ files: [String: String] = [:]) throws {
            folder = try TestFolder()
            for name in ["bin", "net.d", "image"] {
                try FileManager.default.createDirectory(
                    at: folder.url.appendingPathComponent(name), withIntermediateDirectories: true)
            }
            for (name, text) in files { try write(text, to: "net.d/\(name)") }
            try write("plugin 1", to: "image/tproxy-cni")
        }

        func write(_ text: String, to name: String) throws {
            try text.write(toFile: folder.path(of: name), atomically: false, encoding: .utf8)
        }

        func text(_ name: String) -> String? {
            try? String(contentsOfFile: folder.path(of: name), encoding: .utf8)
        }

        /// All files below the network's folder, hidden ones included, and their contents.
        var network: [String: String] {
            let root = folder.path(of: "net.d")
            let names = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
            return Dictionary(
                uniqueKeysWithValues: names.map { ($0, text("net.d/\($0)") ?? "(folder)") })
        }

        func installation(_ entry: PluginEntry = entry) -> PluginInstallation {
            PluginInstallation(
                .init(
                    binFolder: folder.path(of: "bin"), confFolder: folder.path(of: "net.d"),
                    plugin: folder.path(of: "image/tproxy-cni"), method: method, entry: entry))
        }

        /// Installs, and does it again, which changes nothing.
        func ensure() throws {
            var installation = installation()
            #expect(try !installation.ensure().isEmpty)
            #expect(try installation.ensure().isEmpty)
            #expect(try self.changesOfAnotherProcess().isEmpty)
        }

        private func changesOfAnotherProcess() throws -> [String] {
            var installation = installation()
            return try installation.ensure()
        }

        /// The types of the plugins of a list.
        func types(_ name: String) throws -> [String] {
            let json = try JSONValue(parsing: try #require(text("net.d/\(name)")))
            return try #require(json["plugins"]?.array).compactMap { $0["type"]?.string }
        }
    }

    private static let lists = [
        "10-calico.conflist": """
        {
          "name": "k8s-pod-network",
          "cniVersion": "0.3.1",
          "plugins": [
            {"type": "calico", "ipam": {"type": "calico-ipam"}},
            {"type": "portmap", "snat": true, "capabilities": {"portMappings": true}}
          ]
        }

        """,
        "10-flannel.conflist":
            #"{"name":"cbr0","cniVersion":"1.0.0","plugins":[{"type":"flannel"},{"type":"portmap"}]}"#,
        "05-cilium.conflist":
            "\n{\n  \"cniVersion\": \"0.3.1\",\n  \"name\": \"cilium\",\n  \"plugins\": [\n"
            + "    {\n       \"type\": \"cilium-cni\"\n    }\n  ]\n}\n",
    ]
    private static let plain =
        "{\n    \"cniVersion\": \"0.4.0\",\n    \"name\": \"mynet\",\n    \"type\": \"bridge\"\n}\n"

    @Test(arguments: lists.keys.sorted()) func anEntryIsAddedAndRemovedAgain(name: String) throws {
        let node = try Node([name: try #require(Self.lists[name]), "99-later.conf": Self.plain])
        let before = node.network
        try node.ensure()
        #expect(try node.types(name).last == "tproxy-cni")
        #expect(node.network["99-later.conf"] == Self.plain)
        #expect(node.network.count == before.count)
        _ = try node.installation().remove()
        #expect(node.network == before)
    }

    @Test func aSinglePluginIsWrappedInAListThatIsReadBeforeIt() throws {
        let node = try Node(["10-bridge.conf": Self.plain])
        let before = node.network
        try node.ensure()
        #expect(try node.types("00-tproxy.conflist") == ["bridge", "tproxy-cni"])
        #expect(node.network["10-bridge.conf"] == Self.plain)
        // Its owner's changes are followed.
        try node.write(Self.plain.replacing("bridge", with: "ptp"), to: "net.d/10-bridge.conf")
        try node.ensure()
        #expect(try node.types("00-tproxy.conflist") == ["ptp", "tproxy-cni"])
        try node.write(Self.plain, to: "net.d/10-bridge.conf")
        _ = try node.installation().remove()
        #expect(node.network == before)
    }

    @Test func aNameThatSortsEarlyIsWrappedUnderAnEarlierOne() throws {
        let node = try Node(["00-multus.conf": Self.plain])
        try node.ensure()
        #expect(try node.types("0-tproxy.conflist") == ["bridge", "tproxy-cni"])
    }

    @Test func aListInPlaceOfASinglePluginEndsTheWrapping() throws {
        let node = try Node(["10-bridge.conf": Self.plain])
        try node.ensure()
        try node.write(
            try #require(Self.lists["05-cilium.conflist"]), to: "net.d/05-cilium.conflist")
        try node.ensure()
        #expect(node.network["00-tproxy.conflist"] == nil)
        #expect(try node.types("05-cilium.conflist") == ["cilium-cni", "tproxy-cni"])
    }

    @Test(arguments: lists.keys.sorted()) func aDropInFileLeavesTheListAlone(name: String) throws {
        let list = try #require(Self.lists[name])
        let node = try Node([name: list])
        node.method = .dropIn
        let before = node.network
        try node.ensure()
        let network = try #require(try JSONValue(parsing: list)["name"]?.string)
        let file = try #require(node.network["\(network)/50-tproxy.conf"])
        #expect(try JSONValue(parsing: file)["type"] == "tproxy-cni")
        #expect(node.network[name] == list)
        #expect(node.network.count == before.count + 2)
        _ = try node.installation().remove()
        #expect(node.network == before)
    }

    @Test func theMethodsReplaceEachOther() throws {
        let list = try #require(Self.lists["05-cilium.conflist"])
        let node = try Node(["05-cilium.conflist": list])
        try node.ensure()
        node.method = .dropIn
        try node.ensure()
        #expect(node.network["05-cilium.conflist"] == list)
        node.method = .conflist
        try node.ensure()
        #expect(node.network.keys.sorted() == ["05-cilium.conflist"])
    }

    @Test func aListThatRefusesDropInFilesGetsAnEntry() throws {
        let list =
            #"{"name":"a","cniVersion":"1.1.0","loadOnlyInlinedPlugins":true,"plugins":[{"type":"b"}]}"#
        let node = try Node(["10-a.conflist": list])
        node.method = .dropIn
        try node.ensure()
        #expect(try node.types("10-a.conflist") == ["b", "tproxy-cni"])
    }

    @Test func aNetworkWithAnotherNameGetsItsOwnDropInFile() throws {
        let node = try Node(["10-a.conflist": try #require(Self.lists["10-flannel.conflist"])])
        node.method = .dropIn
        try node.ensure()
        try node.write(
            try #require(Self.lists["05-cilium.conflist"]), to: "net.d/05-cilium.conflist")
        try node.ensure()
        #expect(node.network["cilium/50-tproxy.conf"] != nil && node.network["cbr0"] == nil)
    }

    // MARK: The plugin's file

    @Test func anUpgradeReplacesTheFileWhileARunningPluginKeepsIts() throws {
        let node = try Node(Self.lists)
        try node.ensure()
        let path = node.folder.path(of: "bin/tproxy-cni")
        let running = try #require(FileHandle(forReadingAtPath: path))
        try node.write("plugin 2", to: "image/tproxy-cni")
        try node.ensure()
        #expect(node.text("bin/tproxy-cni") == "plugin 2")
        #expect(try running.readToEnd() == Data("plugin 1".utf8))
        #expect(access(path, X_OK) == 0)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: node.folder.path(of: "bin"))
                == ["tproxy-cni"])
    }

    @Test func aRemovedPluginStaysAsOneThatPassesEveryPod() throws {
        let node = try Node(Self.lists)
        try node.ensure()
        _ = try node.installation().remove()
        let path = node.folder.path(of: "bin/tproxy-cni")
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: path) == "tproxy-cni-noop")
        #expect(node.text("bin/tproxy-cni") == "plugin 1" && access(path, X_OK) == 0)
        // Installed again, it is the plugin itself.
        try node.ensure()
        #expect(throws: (any Error).self) {
            try FileManager.default.destinationOfSymbolicLink(atPath: path)
        }
        #expect(node.text("bin/tproxy-cni") == "plugin 1")
    }

    @Test func removingWhatIsNotInstalledChangesNothing() throws {
        let node = try Node(Self.lists)
        let before = node.network
        #expect(try node.installation().remove().isEmpty)
        #expect(node.network == before && node.text("bin/tproxy-cni") == nil)
    }

    // MARK: Bad input

    struct Refusal: Sendable, CustomTestStringConvertible {
        var name: String
        var files: [String: String]
        var id: String
        var words: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Refusal(name: "no network", files: [:], id: "no-network", words: "network plugin"),
        Refusal(
            name: "half a list", files: ["10-a.conflist": #"{"name": "a", "plugins": ["#],
            id: "unusable-network", words: "10-a.conflist"),
        Refusal(
            name: "no plugin", files: ["10-a.conflist": #"{"name": "a", "plugins": []}"#],
            id: "unusable-network", words: "no plugin that creates"),
        Refusal(
            name: "an old version",
            files: ["10-a.conflist": #"{"cniVersion": "0.2.0", "plugins": [{"type": "b"}]}"#],
            id: "unusable-network", words: "0.2.0"),
        Refusal(
            name: "a name that is read too early", files: ["-a.conf": plain],
            id: "no-earlier-name", words: "-a.conf"),
    ])
    func aNetworkThatCannotBeChangedStaysAsItIs(refusal: Refusal) throws {
        let node = try Node(refusal.files)
        let before = node.network
        var installation = node.installation()
        do {
            _ = try installation.ensure()
            Issue.record("it was changed")
        } catch {
            let text = error.diagnostics.map { $0.message + ($0.help ?? "") }.joined()
            #expect(error.diagnostics.map(\.id) == [refusal.id])
            #expect(text.contains(refusal.words), "\(text)")
        }
        #expect(node.network == before)
    }

    @Test func aPluginThatIsMissingInTheImageIsNamed() throws {
        let node = try Node(Self.lists)
        let before = node.network
        try FileManager.default.removeItem(atPath: node.folder.path(of: "image/tproxy-cni"))
        var installation = node.installation()
        do {
            _ = try installation.ensure()
            Issue.record("it was installed")
        } catch {
            #expect(error.diagnostics.first?.help?.contains("--plugin") == true)
        }
        #expect(node.network == before)
    }
}
