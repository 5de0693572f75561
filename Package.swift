// swift-tools-version: 6.2
import PackageDescription

/// The features every Swift target is built with.
///
/// - `ExistentialAny`: an existential is written `any P` (SE-0335).
/// - `InternalImportsByDefault`: a C module never leaks through an interface (SE-0409).
/// - `MemberImportVisibility`: a file imports what it uses (SE-0444).
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let testSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// Debug builds can be made to fail at any step (TPROXY_FAULT), for tests; release builds can't.
let faultSettings = swiftSettings + [.define("FAULT_POINTS", .when(configuration: .debug))]

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

/// With `TPROXY_FUZZ=1`, set by `make fuzz`, one more program runs every fuzzer under libFuzzer.
///
/// The package manager considers its flags unsafe, so other builds don't include it.
let fuzzTargets: [Target] =
    Context.environment["TPROXY_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "tproxy-fuzz", dependencies: ["FuzzTargets"], path: "Tests/FuzzRunner",
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])])
    ]

let package = Package(
    name: "tproxy",
    products: [
        .executable(name: "tproxy", targets: ["tproxy"]),
        .executable(name: "tproxy-cni", targets: ["tproxy-cni"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(
            url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // Layer C: module maps, the one shim for calls that Swift can't make, and the code that
        // runs in a process of its own.
        .systemLibrary(
            name: "CNftables", pkgConfig: "libnftables", providers: [.apt(["libnftables-dev"])]),
        .systemLibrary(
            name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(name: "CNftnl", providers: [.apt(["libnftnl-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .target(name: "CLinux"),
        .target(name: "CNftablesProcess", dependencies: ["CNftables"]),
        // Loads libcurl (libcurl4-gnutls-dev) when the node agent starts.
        .target(name: "CCurl"),
        // Opens libbpf at run time (decision 0066).
        .target(name: "CEBPF"),

        // Layer values: addresses, ports, UIDs; diagnostics as data and the one printer; SHA-256; JSON
        // and literal text.
        .target(name: "Addressing", swiftSettings: swiftSettings),
        .target(name: "Diagnostics", swiftSettings: swiftSettings),
        .target(name: "Digest", swiftSettings: swiftSettings),
        .target(name: "TextSearch", swiftSettings: swiftSettings),
        .target(name: "JSON", dependencies: ["CJansson"], swiftSettings: swiftSettings),

        // Layer intent: the user's configuration and the host's facts.
        .target(
            name: "TproxyConfig", dependencies: ["Addressing", "Diagnostics"],
            swiftSettings: swiftSettings),
        .target(
            name: "TproxyConfigYAML", dependencies: ["Diagnostics", "TproxyConfig", "CYaml"],
            swiftSettings: swiftSettings),
        .target(
            name: "KubernetesConfig",
            dependencies: ["Addressing", "Diagnostics", "TproxyConfig", "TproxyConfigYAML"],
            swiftSettings: swiftSettings),
        .target(name: "HostFacts", dependencies: ["Addressing"], swiftSettings: swiftSettings),

        // Layer rules: the rules, their meaning, and conflicts with them. Pure.
        .target(
            name: "RuleIR", dependencies: ["Addressing", "Digest"], swiftSettings: swiftSettings),
        .target(
            name: "RuleCompiler",
            dependencies: ["Addressing", "Diagnostics", "TproxyConfig", "HostFacts", "RuleIR"],
            swiftSettings: swiftSettings),
        .target(
            name: "RuleTrace", dependencies: ["Addressing", "RuleIR"], swiftSettings: swiftSettings),
        .target(
            name: "RulesetDiff", dependencies: ["Addressing", "RuleIR"],
            swiftSettings: swiftSettings),
        .target(
            name: "Preflight", dependencies: ["Addressing", "RuleIR", "RuleTrace", "TextSearch"],
            swiftSettings: swiftSettings),

        // Layer system: the kernel's links, addresses, sockets and connections; programs, files,
        // locks, signals and facts of the host.
        .target(name: "FaultPoints", swiftSettings: faultSettings),
        .target(
            name: "Netlink", dependencies: ["Addressing", "FaultPoints", "CMnl"],
            swiftSettings: swiftSettings),
        .target(
            name: "Sockets", dependencies: ["Addressing", "CLinux"], swiftSettings: swiftSettings),
        .target(
            name: "LinuxHost",
            dependencies: [
                "Addressing", "HostFacts", "RuleIR", "FaultPoints", "Netlink", "CLinux",
            ],
            swiftSettings: swiftSettings),

        .target(
            name: "KubernetesAPI",
            dependencies: [
                "Diagnostics", "JSON", "TproxyConfig", "KubernetesConfig", "LinuxHost", "CCurl",
            ],
            swiftSettings: swiftSettings),

        // Layer outputs: a room for each backend and each kind of file.
        .target(
            name: "NftablesBackend",
            dependencies: [
                "Addressing", "Digest", "JSON", "TextSearch", "RuleIR", "FaultPoints", "Netlink",
                "LinuxHost",
                "CMnl", "CNftnl", "CNftablesProcess",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "IptablesRules", dependencies: ["Addressing", "Digest", "TextSearch", "RuleIR"],
            swiftSettings: swiftSettings),
        .target(
            name: "IptablesBackend",
            dependencies: ["Addressing", "TextSearch", "RuleIR", "LinuxHost", "IptablesRules"],
            swiftSettings: swiftSettings),
        .target(
            name: "EBPFBackend",
            dependencies: [
                "Addressing", "Digest", "HostFacts", "RuleIR", "FaultPoints", "Netlink",
                "LinuxHost", "CEBPF",
            ],
            exclude: ["Programs"], swiftSettings: swiftSettings),
        .target(
            name: "FirewalldExporter",
            dependencies: ["Addressing", "TextSearch", "RuleIR", "IptablesRules", "CExpat"],
            swiftSettings: swiftSettings),
        .target(
            name: "FirewalldControl", dependencies: ["TextSearch", "FaultPoints", "LinuxHost"],
            swiftSettings: swiftSettings),
        .target(
            name: "PersistenceFiles", dependencies: ["Digest", "TextSearch", "RuleIR"],
            swiftSettings: swiftSettings),
        .target(
            name: "KubernetesManifests",
            dependencies: ["Diagnostics", "TproxyConfig", "TproxyConfigYAML", "KubernetesConfig"],
            swiftSettings: swiftSettings),

        .target(name: "CNIInstallation", dependencies: ["JSON"], swiftSettings: swiftSettings),

        // Layer review: pictures, the page, real packets, and the survey of the host.
        .target(
            name: "Review",
            dependencies: ["Addressing", "Diagnostics", "Digest", "JSON", "RuleIR", "RuleTrace"],
            resources: [
                .embedInCode("Resources/diagram.css"), .embedInCode("Resources/page.css"),
                .embedInCode("Resources/addresses.js"), .embedInCode("Resources/sets.js"),
                .embedInCode("Resources/trace.js"), .embedInCode("Resources/packet.js"),
                .embedInCode("Resources/line.js"), .embedInCode("Resources/path.js"),
                .embedInCode("Resources/box.js"), .embedInCode("Resources/sections.css"),
                .embedInCode("Resources/path.css"),
            ], swiftSettings: swiftSettings),
        .target(
            name: "Rehearsal",
            dependencies: [
                "Addressing", "RuleIR", "RuleTrace", "Netlink", "Sockets", "LinuxHost", "CLinux",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "Validation",
            dependencies: ["Addressing", "RuleIR", "RuleTrace", "Netlink", "Sockets"],
            swiftSettings: swiftSettings),
        .target(
            name: "HostSurvey",
            dependencies: [
                "Addressing", "RuleIR", "Preflight", "Netlink", "LinuxHost", "NftablesBackend",
                "IptablesBackend", "EBPFBackend",
            ],
            swiftSettings: swiftSettings),

        // Layer use: the operations of every program, without a command line.
        .target(
            name: "TproxyOperations",
            dependencies: [
                "Addressing", "Diagnostics", "Digest", "JSON", "TextSearch", "TproxyConfig",
                "TproxyConfigYAML", "KubernetesConfig",
                "HostFacts", "RuleIR", "RuleCompiler", "RuleTrace", "RulesetDiff", "Preflight",
                "FaultPoints", "LinuxHost", "NftablesBackend", "IptablesRules", "IptablesBackend",
                "EBPFBackend", "FirewalldExporter", "FirewalldControl", "PersistenceFiles",
                "KubernetesManifests",
                "Review", "Rehearsal", "Validation", "HostSurvey", "CLinux",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "CNI",
            dependencies: [
                "Diagnostics", "JSON", "FaultPoints", "KubernetesConfig", "Sockets", "LinuxHost",
                "TproxyOperations",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "NodeAgent",
            dependencies: [
                "Addressing", "Diagnostics", "JSON", "KubernetesConfig", "Netlink", "Sockets",
                "LinuxHost", "KubernetesAPI", "NftablesBackend", "CNIInstallation",
                "TproxyOperations", "CNI",
            ],
            swiftSettings: swiftSettings),

        // Layer programs: parse, call, print.
        .target(name: "ParserFoundation", dependencies: ["JSON"], swiftSettings: swiftSettings),
        .target(
            name: "TproxyCommands",
            dependencies: [
                "Addressing", "Diagnostics", "JSON", "TextSearch", "TproxyConfig",
                "TproxyConfigYAML",
                "HostFacts",
                "RuleIR",
                "RuleTrace", "RulesetDiff", "Preflight", "FaultPoints", "LinuxHost",
                "NftablesBackend",
                "IptablesRules", "IptablesBackend", "EBPFBackend", "FirewalldExporter",
                "PersistenceFiles",
                "KubernetesManifests", "KubernetesAPI",
                "Review", "Rehearsal", "Validation", "TproxyOperations", "CNI", "NodeAgent",
                "ParserFoundation",
                argumentParser,
            ],
            swiftSettings: swiftSettings),
        // In C, because only C code receives the arguments of `main`.
        .executableTarget(name: "tproxy", dependencies: ["TproxyCommands"]),
        .executableTarget(
            name: "tproxy-cni", dependencies: ["CNI"], swiftSettings: swiftSettings),

        // Layer development: targets below Tests, built and not installed. The load generator, the
        // generator of configurations, the benchmark, the invariants that fuzzers check, test
        // support.
        .executableTarget(
            name: "LoadGenerator",
            dependencies: ["Addressing", "JSON", "Sockets", "CLinux", argumentParser],
            path: "Tests/LoadGenerator", swiftSettings: swiftSettings),
        .target(
            name: "ConfigurationGenerator", dependencies: ["Addressing", "HostFacts", "Rehearsal"],
            path: "Tests/ConfigurationGenerator", swiftSettings: testSettings),
        .executableTarget(
            name: "TproxyBench",
            dependencies: [
                "Addressing", "JSON", "TextSearch", "Netlink", "Sockets", "LinuxHost", "Rehearsal",
            ],
            path: "Tests/TproxyBench", swiftSettings: swiftSettings),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Addressing", "Diagnostics", "TproxyConfig", "TproxyConfigYAML", "HostFacts",
                "RuleIR", "RuleCompiler", "RuleTrace", "LinuxHost", "NftablesBackend",
                "IptablesRules", "FirewalldExporter", "PersistenceFiles", "KubernetesManifests",
                "CNIInstallation", "JSON", "TproxyCommands",
            ],
            path: "Tests/FuzzTargets", swiftSettings: swiftSettings),
        .target(
            name: "TproxyTestSupport",
            dependencies: [
                "Addressing", "Diagnostics", "TproxyConfig", "TproxyConfigYAML", "HostFacts",
                "RuleIR", "RuleCompiler", "RuleTrace", "Rehearsal", "ConfigurationGenerator",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/TproxyTestSupport", swiftSettings: testSettings),

        // Layer tests.
        .testTarget(
            name: "LoadGeneratorTests", dependencies: ["LoadGenerator"],
            swiftSettings: testSettings),
        .testTarget(
            name: "AddressingTests", dependencies: ["Addressing"], swiftSettings: testSettings),
        .testTarget(
            name: "DiagnosticsTests", dependencies: ["Diagnostics"], swiftSettings: testSettings),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: testSettings),
        .testTarget(
            name: "TextSearchTests", dependencies: ["TextSearch"], swiftSettings: testSettings),
        .testTarget(
            name: "TproxyConfigTests",
            dependencies: [
                "Addressing", "Diagnostics", "TproxyConfig", "TproxyConfigYAML",
                "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "KubernetesConfigTests",
            dependencies: [
                "Addressing", "Diagnostics", "TproxyConfig", "TproxyConfigYAML", "KubernetesConfig",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "KubernetesManifestsTests",
            dependencies: [
                "Diagnostics", "TproxyConfig", "TproxyConfigYAML", "KubernetesManifests",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "CNIInstallationTests", dependencies: ["CNIInstallation", "JSON"],
            swiftSettings: testSettings),
        .testTarget(
            name: "KubernetesAPITests",
            dependencies: ["Diagnostics", "JSON", "KubernetesAPI", "Rehearsal"],
            swiftSettings: testSettings),
        .testTarget(
            name: "NodeAgentTests",
            dependencies: [
                "CNIInstallation", "Diagnostics", "JSON", "LinuxHost", "NodeAgent",
                "TproxyOperations", "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["FuzzTargets", "TproxyTestSupport"],
            exclude: ["Corpus", "Crashes", "Dictionaries"], swiftSettings: testSettings),
        .testTarget(
            name: "EBPFBackendTests",
            dependencies: [
                "Addressing", "RuleIR", "RuleTrace", "Rehearsal", "ConfigurationGenerator",
                "EBPFBackend", "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "HostFactsTests", dependencies: ["Addressing", "HostFacts"],
            swiftSettings: testSettings),
        .testTarget(
            name: "FirewalldExporterTests",
            dependencies: [
                "Addressing", "RuleIR", "IptablesRules", "FirewalldExporter", "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "HostileValueTests",
            dependencies: [
                "Addressing", "Diagnostics", "TproxyConfig", "TproxyConfigYAML", "RuleIR",
                "NftablesBackend", "IptablesRules", "FirewalldExporter",
                "PersistenceFiles", "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "NetlinkTests", dependencies: ["Netlink"], swiftSettings: testSettings),
        .testTarget(
            name: "SocketsTests", dependencies: ["Addressing", "Sockets"],
            swiftSettings: testSettings),
        .testTarget(
            name: "LinuxHostTests",
            dependencies: ["Addressing", "CLinux", "Netlink", "LinuxHost", "TproxyTestSupport"],
            swiftSettings: testSettings),
        .testTarget(
            name: "RuleIRTests",
            dependencies: ["Addressing", "RuleIR", "Rehearsal", "TproxyTestSupport"],
            swiftSettings: testSettings),
        .testTarget(
            name: "RulesetDiffTests",
            dependencies: ["Addressing", "RuleIR", "RulesetDiff", "TproxyTestSupport"],
            swiftSettings: testSettings),
        .testTarget(
            name: "RuleCompilerTests",
            dependencies: [
                "Addressing", "Diagnostics", "TproxyConfig", "HostFacts", "RuleIR", "RuleCompiler",
                "RuleTrace", "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "PreflightTests",
            dependencies: [
                "Addressing", "RuleIR", "RuleCompiler", "Preflight", "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "RuleTraceTests",
            dependencies: [
                "Addressing", "HostFacts", "RuleIR", "RuleTrace", "Rehearsal", "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "NftablesBackendTests",
            dependencies: [
                "Addressing", "Digest", "RuleIR", "RuleTrace", "NftablesBackend",
                "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "IptablesRulesTests",
            dependencies: [
                "Addressing", "RuleIR", "RuleTrace", "IptablesRules", "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "ReviewTests",
            dependencies: [
                "Addressing", "Digest", "RuleIR", "RuleCompiler", "RuleTrace", "Review",
                "Rehearsal",
                "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "PersistenceFilesTests",
            dependencies: ["PersistenceFiles", "RuleIR", "TproxyTestSupport"],
            swiftSettings: testSettings),
        .testTarget(
            name: "TproxyOperationsTests",
            dependencies: [
                "Diagnostics", "HostFacts", "RuleIR", "TproxyConfig", "TproxyConfigYAML",
                "NftablesBackend", "IptablesBackend", "TproxyOperations",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "Digest", "JSON", "Preflight", "Rehearsal", "RuleIR", "TproxyCommands",
                "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "FirewalldControlTests", dependencies: ["FirewalldControl"],
            swiftSettings: testSettings),
        .testTarget(
            name: "BenchTests", dependencies: ["JSON", "TproxyBench", "TproxyTestSupport"],
            swiftSettings: testSettings),
        .testTarget(
            name: "NetnsTests",
            dependencies: [
                "Addressing", "FaultPoints", "HostFacts", "RuleIR", "RuleCompiler", "RuleTrace",
                "NftablesBackend",
                "LinuxHost", "FirewalldControl", "Rehearsal", "IptablesRules", "IptablesBackend",
                "Netlink", "Sockets",
                "PersistenceFiles",
                "RulesetDiff",
                "TproxyCommands",
                "TproxyTestSupport", "JSON",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "PropertyTests",
            dependencies: [
                "Addressing", "ConfigurationGenerator", "HostFacts", "RuleIR", "RuleCompiler",
                "RuleTrace", "RulesetDiff", "TproxyConfig", "NftablesBackend", "IptablesRules",
                "EBPFBackend", "Rehearsal", "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "DifferentialTests",
            dependencies: [
                "Addressing", "ConfigurationGenerator", "HostFacts", "LinuxHost", "RuleIR",
                "RuleCompiler", "RuleTrace", "Netlink", "NftablesBackend", "IptablesRules",
                "IptablesBackend", "EBPFBackend", "FirewalldExporter", "Rehearsal",
                "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
    ] + fuzzTargets
)
