import JSON
import Testing

@testable import CNIInstallation

struct NetworkConfigurationTests {
    private static let entry = PluginEntry(options: ["excludeNamespaces": ["kube-system"]])
    private static let newer = PluginEntry(options: ["excludeNamespaces": ["a"]])

    private func list(_ text: String) throws -> NetworkConfiguration {
        try NetworkConfiguration(Array(text.utf8), .list)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func plugins(_ text: String) throws -> [JSONValue] {
        try #require(try JSONValue(parsing: text)["plugins"]?.array)
    }

    @Test(arguments: NetworkFixtures.lists)
    func theEntryIsTheLastPluginAndEverythingElseStays(original: String) throws {
        let changed = text(try list(original).adding(Self.entry))
        let before = try plugins(original)
        #expect(try plugins(changed) == before + [Self.entry.json])
        guard case .object(var members) = try JSONValue(parsing: changed),
            case .object(var former) = try JSONValue(parsing: original)
        else { return }
        members["plugins"] = nil
        former["plugins"] = nil
        #expect(members == former)
    }

    @Test(arguments: NetworkFixtures.lists)
    func removingRestoresEveryByte(original: String) throws {
        let changed = try list(original).adding(Self.entry)
        #expect(text(try list(text(changed)).removing()) == original)
        #expect(text(try list(original).removing()) == original)
    }

    @Test(arguments: NetworkFixtures.lists)
    func addingTwiceChangesNothing(original: String) throws {
        let once = text(try list(original).adding(Self.entry))
        #expect(text(try list(once).adding(Self.entry)) == once)
    }

    @Test(arguments: NetworkFixtures.lists)
    func aNewerEntryReplacesTheOlderOne(original: String) throws {
        let older = text(try list(original).adding(Self.entry))
        let newer = text(try list(older).adding(Self.newer))
        #expect(newer == text(try list(original).adding(Self.newer)))
        #expect(text(try list(newer).removing()) == original)
    }

    /// The entry looks like the plugins around it.
    @Test func theEntryHasTheLayoutOfTheList() throws {
        #expect(
            text(try list(NetworkFixtures.flannel).adding(Self.entry)).contains(
                "    },\n    {\"capabilities\""))
        #expect(
            text(try list(NetworkFixtures.cilium).adding(Self.entry)).contains(
                "\t},\n\t{\"capabilities\""))
    }

    /// As other programs leave them: duplicates, or in front of the plugin that makes the interface.
    @Test(arguments: [
        #"{"plugins": [{"type": "tproxy-cni"}, {"type": "tproxy-cni"}, {"type": "ptp"}]}"#,
        #"{"plugins": [{"type": "ptp"}, {"type": "tproxy-cni"}, {"type": "tproxy-cni"}]}"#,
        #"{"plugins": [{"type": "tproxy-cni"}, {"type": "ptp"}, {"type": "tproxy-cni"}]}"#,
        #"{"plugins": [{"type": "ptp"}, {"type": "tproxy-cni"}]}"#,
    ])
    func thereIsOneEntryBehindTheOthers(original: String) throws {
        let changed = text(try list(original).adding(Self.entry))
        #expect(try plugins(changed) == [["type": "ptp"], Self.entry.json])
        #expect(try plugins(text(try list(original).removing())) == [["type": "ptp"]])
        #expect(text(try list(changed).removing()) == #"{"plugins": [{"type": "ptp"}]}"#)
    }

    /// A program that appends itself later keeps its place.
    @Test func anEntryBetweenOthersStaysThere() throws {
        let original =
            #"{"plugins": [{"type": "ptp"}, \#(Self.entry.text), {"type": "tuning"}]}"#
        #expect(text(try list(original).adding(Self.entry)) == original)
        #expect(
            text(try list(original).removing())
                == #"{"plugins": [{"type": "ptp"}, {"type": "tuning"}]}"#)
    }

    @Test func aListRefusesDropInFilesIfItSaysSo() throws {
        let refusing = #"{"loadOnlyInlinedPlugins": true, "plugins": [{"type": "ptp"}]}"#
        #expect(try list(refusing).refusesDropIns)
        #expect(try !list(NetworkFixtures.calico).refusesDropIns)
    }

    // MARK: One plugin

    @Test func aWrappedPluginIsTheFirstOfAListAndKeepsItsBytes() throws {
        let plain = try NetworkConfiguration(Array(NetworkFixtures.plain.utf8), .plugin)
        let wrapped = text(plain.wrapped(with: Self.entry))
        #expect(wrapped.contains(NetworkFixtures.plain))
        let json = try JSONValue(parsing: wrapped)
        #expect(json["cniVersion"] == "0.4.0" && json["name"] == "mynet")
        #expect(
            try plugins(wrapped) == [
                try JSONValue(parsing: NetworkFixtures.plain), Self.entry.json,
            ]
        )
        #expect(try list(wrapped).hasEntry)
    }

    // MARK: Bad input

    @Test(arguments: [
        ("", NetworkConfigurationProblem.notJSON("line 1: '[' or '{' expected near end of file")),
        ("[]", .notObject), ("{}", .noPlugin), (#"{"plugins": {}}"#, .noPlugin),
        (#"{"plugins": []}"#, .noPlugin), (#"{"plugins": [{"type": "tproxy-cni"}]}"#, .noPlugin),
        (#"{"plugins": [{"type": "a"}], "plugins": [{"type": "b"}]}"#, .ambiguous),
    ])
    func aListThatCannotBeEditedIsRefused(
        text: String, problem: NetworkConfigurationProblem
    ) throws {
        do throws(NetworkConfigurationProblem) {
            _ = try NetworkConfiguration(Array(text.utf8), .list)
            Issue.record("it was accepted")
        } catch {
            if case .notJSON = problem, case .notJSON = error { return }
            #expect(error == problem)
        }
    }

    /// A writer may have written only a part.
    @Test(arguments: NetworkFixtures.lists)
    func everyBeginningOfAListIsRefused(original: String) {
        let bytes = Array(original.utf8)
        let end = bytes.lastIndex(of: UInt8(ascii: "}")) ?? 0
        for count in 0...end {
            #expect(throws: NetworkConfigurationProblem.self) {
                try NetworkConfiguration(Array(bytes.prefix(count)), .list)
            }
        }
    }

    /// A list around it could not be read.
    @Test func aPluginThatIsNestedTooDeepIsRefused() throws {
        func plugin(_ levels: Int) -> [UInt8] {
            let value =
                String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
            return Array(#"{"type": "a", "x": \#(value)}"#.utf8)
        }
        let deepest = try #require(
            (1...40).last { (try? NetworkConfiguration(plugin($0), .plugin)) != nil })
        let wrapped = try NetworkConfiguration(plugin(deepest), .plugin).wrapped(with: Self.entry)
        #expect(try NetworkConfiguration(wrapped, .list).hasEntry)
        #expect(throws: Never.self) {
            try JSONValue(parsing: text(plugin(deepest + 1)))
        }
    }

    @Test(arguments: [
        "{}", #"{"plugins": [{"type": "a"}], "type": "a"}"#, #"{"name": "a"}"#,
        #"{"type": "tproxy-cni"}"#,
    ])
    func aFileWithoutAPluginIsNoPlugin(text: String) {
        #expect(throws: NetworkConfigurationProblem.noPlugin) {
            try NetworkConfiguration(Array(text.utf8), .plugin)
        }
    }
}
