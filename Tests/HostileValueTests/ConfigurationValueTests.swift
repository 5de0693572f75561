import Diagnostics
import FirewalldExporter
import IptablesRules
import NftablesBackend
import RuleIR
import Testing
import TproxyConfig
import TproxyConfigYAML
import TproxyTestSupport

/// Every hostile value for every key: it is refused with a readable diagnostic, or it stays a value
/// and changes nothing else.
@Suite struct ConfigurationValueTests {
    private static let ruleset = Configuration.compile(TproxyConfig()).ruleset
    private static let alphabet = try? Documents(ruleset).alphabet

    @Test(arguments: ConfigurationKey.all.map(\.environmentVariable))
    func hostileValueIsRefusedOrStaysAValue(variable: String) throws {
        let key = try #require(
            ConfigurationKey.all.first { $0.environmentVariable == variable })
        for value in HostileValue.all {
            for route in Route.allCases {
                guard let source = route.source(of: key, value.text) else { continue }
                try check(
                    source, "\(value) as \(route), \(key.path)",
                    isFreeText: Self.holdText.contains(key.path))
            }
        }
    }

    /// Keys whose values are free text that no rule contains.
    ///
    /// A new key with free text must be added here.
    private static let holdText: Set<String> = [
        "redirect.dns.resolvConfigPath", "iptablesExecutables", "ebpf.instanceIPEnvVarName",
        "ebpf.bpffsPath", "ebpf.cgroupPath", "ebpf.programsSourcePath",
    ]

    private func check(_ source: Route.Source, _ what: String, isFreeText: Bool) throws {
        let result = Configuration.load(
            source.yaml, environment: source.environment, flags: source.flags)
        switch result {
        case .failure(let refused):
            #expect(!refused.diagnostics.isEmpty, "\(what)")
            try readable(refused.diagnostics, what)
        case .success(let loaded):
            try readable(loaded.diagnostics, what)
            let ruleset = Configuration.compile(loaded.config).ruleset
            if isFreeText {
                #expect(ruleset == Self.ruleset, "\(what) is in the rules")
            } else {
                let alphabet = try #require(Self.alphabet)
                #expect(try Documents(ruleset).alphabet.isSubset(of: alphabet), "\(what)")
            }
            try readsBack(loaded.config, what)
        }
    }

    /// A diagnostic has one line of an excerpt, and no line ends but the printer's own.
    private func readable(_ diagnostics: [Diagnostic], _ what: String) throws {
        for diagnostic in diagnostics {
            let text = DiagnosticPrinter().text(of: diagnostic)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 4 + diagnostic.notes.count, "\(what): \(text)")
            #expect(lines.allSatisfy { VisibleText.of(String($0)) == $0 }, "\(what): \(text)")
            #expect(text.utf8.count < 8192, "\(what)")
        }
    }

    /// `config show` prints a file with the same values.
    private func readsBack(_ config: TproxyConfig, _ what: String) throws {
        let text = EffectiveConfiguration(config).yaml
        let again = try Configuration.load(text).get().config
        let values = { (config: TproxyConfig) in
            EffectiveConfiguration(config).rows.filter { !$0.path.hasSuffix("hainName") }
                .map { "\($0.path)=\($0.value)" }
        }
        #expect(values(again) == values(config), "\(what): \(text)")
    }

    /// Keys may be hostile as well as values.
    @Test(arguments: HostileValue.all)
    func hostileKeysAreRefused(value: HostileValue) throws {
        for yaml in [
            "\(Route.quoted(value.text)): 1\n", "redirect: {\(Route.quoted(value.text)): 1}\n",
            "iptablesExecutables: {\(Route.quoted(value.text)): /sbin/x}\n",
        ] {
            let problems = Configuration.problems(yaml)
            #expect(problems.contains { $0.severity == .error }, "\(yaml)")
            try readable(problems, yaml)
        }
        let name = "KUMA_TRANSPARENT_PROXY_" + value.text
        try readable(Configuration.problems(environment: [name: value.text]), name)
    }

    /// The name of a file precedes its diagnostics.
    @Test(arguments: HostileValue.all)
    func hostileFileNamesAreShownAsText(value: HostileValue) throws {
        for text in ["wait: x\n", "wait: [\n", "a: 1\n", "- 1"] {
            switch YAMLDocument.parse(text: text, source: value.text) {
            case .failure(let problem): try readable(problem.diagnostics, "\(value)")
            case .success(let document):
                let loaded = ConfigurationLoader.load(
                    files: [document], environment: [:], flags: [])
                #expect(!loaded.diagnostics.isEmpty)
                try readable(loaded.diagnostics, "\(value)")
            }
        }
    }
}

/// The documents for other programs from a configuration.
struct Documents {
    private let texts: [String]

    init(_ ruleset: Ruleset) throws {
        let nftables = try NftablesEmitter(version: "0").emit(ruleset)
        let iptables = try IptablesEmitter().emit(ruleset)
        let firewalld = try DirectFile.merging(
            FirewalldExporter(version: "0").emit(ruleset), into: nil)
        texts = [
            nftables.json, nftables.text, iptables.text,
            String(decoding: firewalld.bytes ?? [], as: UTF8.self),
        ]
    }

    /// The characters of the documents other than letters and digits.
    ///
    /// With only those of the default rules, no value can add quotes, escapes or line ends.
    var alphabet: Set<Unicode.Scalar> {
        Set(texts.joined().unicodeScalars)
            .filter { !$0.properties.isAlphabetic && !("0"..."9").contains($0) }
    }
}
