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

/// Builds that tests use can be made to fail at any step (TPROXY_FAULT); release builds can't.
let faultSettings = swiftSettings + [.define("FAULT_POINTS", .when(configuration: .debug))]

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

/// With `TPROXY_FUZZ=1`, as `make fuzz` has it, one more program: every fuzzer in libFuzzer's loop.
///
/// Its flags are unsafe to the package manager, so nobody else should meet them.
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
        .executable(name: "tproxy", targets: ["tproxy"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(
            url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // C: module maps, and the one shim for calls Swift can't make.
        .systemLibrary(
            name: "CNftables", pkgConfig: "libnftables", providers: [.apt(["libnftables-dev"])]),
        .systemLibrary(
            name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(name: "CNftnl", pkgConfig: "libnftnl", providers: [.apt(["libnftnl-dev"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "CLinux"),
        // C alone: what runs in a process of its own.
        .target(name: "CNftablesProcess", dependencies: ["CNftables"]),

        // Values.
        .target(name: "Addressing", swiftSettings: swiftSettings),
        .target(name: "Diagnostics", swiftSettings: swiftSettings),
        .target(name: "JSON", dependencies: ["CJansson"], swiftSettings: swiftSettings),

        // Where a run depends on the system.
        .target(name: "FaultPoints", swiftSettings: faultSettings),

        // Left of the rules: what the user asked for, and what the host is.
        .target(
            name: "TproxyConfig", dependencies: ["Addressing", "Diagnostics"],
            swiftSettings: swiftSettings),
        .target(
            name: "TproxyConfigYAML",
            dependencies: [
                "Diagnostics", "TproxyConfig", "CYaml",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "HostFacts", dependencies: ["FaultPoints", "Addressing"],
            swiftSettings: swiftSettings),

        // The rules.
        .target(name: "RuleIR", dependencies: ["Addressing"], swiftSettings: swiftSettings),
        .target(
            name: "RuleCompiler",
            dependencies: ["Addressing", "Diagnostics", "TproxyConfig", "HostFacts", "RuleIR"],
            swiftSettings: swiftSettings),
        .target(
            name: "RuleTrace", dependencies: ["Addressing", "RuleIR"], swiftSettings: swiftSettings),
        .target(
            name: "PacketFlow", dependencies: ["Addressing", "RuleIR"],
            resources: [.embedInCode("Resources/diagram.css")], swiftSettings: swiftSettings),
        .target(
            name: "ReviewPage",
            dependencies: [
                "Addressing", "Diagnostics", "JSON", "RuleIR", "RuleTrace", "PacketFlow",
            ],
            resources: [
                .embedInCode("Resources/page.css"), .embedInCode("Resources/addresses.js"),
                .embedInCode("Resources/sets.js"), .embedInCode("Resources/trace.js"),
                .embedInCode("Resources/packet.js"), .embedInCode("Resources/box.js"),
            ], swiftSettings: swiftSettings),
        .target(
            name: "RulesetDiff", dependencies: ["Addressing", "RuleIR"],
            swiftSettings: swiftSettings),
        .target(
            name: "Preflight", dependencies: ["Addressing", "RuleIR", "RuleTrace"],
            swiftSettings: swiftSettings),
        .target(
            name: "IptablesRules", dependencies: ["Addressing", "RuleIR"],
            swiftSettings: swiftSettings),

        .target(
            name: "FirewalldExporter",
            dependencies: ["Addressing", "RuleIR", "IptablesRules", "CExpat"],
            swiftSettings: swiftSettings),

        // The host's files.
        .target(
            name: "HostFiles", dependencies: ["FaultPoints", "CLinux"], swiftSettings: swiftSettings
        ),
        .target(name: "PersistenceFiles", dependencies: ["RuleIR"], swiftSettings: swiftSettings),

        // The kernel.
        .target(
            name: "Netlink", dependencies: ["FaultPoints", "Addressing", "CLinux", "CMnl"],
            swiftSettings: swiftSettings),
        .target(
            name: "HostChange",
            dependencies: ["FaultPoints", "Addressing", "CLinux", "RuleIR", "Netlink"],
            swiftSettings: swiftSettings),
        .target(
            name: "HostPrograms", dependencies: ["FaultPoints", "CLinux"],
            swiftSettings: swiftSettings),
        .target(
            name: "NftablesBackend",
            dependencies: [
                "FaultPoints", "Addressing", "RuleIR", "Netlink", "HostChange",
                "JSON", "CMnl",
                "CNftnl", "CNftablesProcess", "CLinux",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "IptablesBackend",
            dependencies: [
                "Addressing", "RuleIR", "IptablesRules", "HostChange", "HostPrograms",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "HostSurvey",
            dependencies: [
                "Addressing", "HostFacts", "RuleIR", "Preflight", "Netlink", "NftablesBackend",
                "IptablesBackend", "HostPrograms",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "FirewalldControl", dependencies: ["FaultPoints", "HostPrograms"],
            swiftSettings: swiftSettings),
        .target(
            name: "Rehearsal",
            dependencies: [
                "Addressing", "CLinux", "HostFacts", "RuleIR", "RuleTrace", "Netlink",
            ],
            swiftSettings: swiftSettings),

        // What every program does, without a command line.
        .target(
            name: "TproxyOperations",
            dependencies: [
                "FaultPoints", "Addressing", "Diagnostics", "JSON", "TproxyConfig",
                "TproxyConfigYAML", "HostFacts", "RuleIR", "RuleCompiler", "RulesetDiff",
                "Preflight",
                "FirewalldExporter", "FirewalldControl", "PersistenceFiles", "PacketFlow",
                "HostChange", "HostFiles", "HostPrograms", "HostSurvey", "NftablesBackend",
                "IptablesRules", "IptablesBackend", "Rehearsal", "RuleTrace", "CLinux",
            ],
            swiftSettings: swiftSettings),

        // The command.
        .target(name: "ParserFoundation", dependencies: ["JSON"], swiftSettings: swiftSettings),
        .target(
            name: "TproxyCommands",
            dependencies: [
                "FaultPoints", "Addressing", "Diagnostics", "JSON", "TproxyConfig", "HostFacts",
                "RuleIR", "RuleTrace", "RulesetDiff", "Preflight", "FirewalldExporter",
                "PersistenceFiles",
                "PacketFlow", "ReviewPage", "HostChange", "HostFiles", "HostPrograms",
                "NftablesBackend", "IptablesRules", "IptablesBackend", "Rehearsal",
                "TproxyOperations", "ParserFoundation", argumentParser,
            ],
            swiftSettings: swiftSettings),
        // In C: only there are the arguments of `main` at hand.
        .executableTarget(name: "tproxy", dependencies: ["TproxyCommands"]),

        // Below Tests: what is built and not installed.

        // Measuring.
        .executableTarget(
            name: "TproxyBench",
            dependencies: ["Addressing", "HostPrograms", "JSON", "Rehearsal", "Netlink"],
            path: "Tests/TproxyBench", swiftSettings: swiftSettings),

        // What reads what others wrote, for fuzzers and their regression tests.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Addressing", "Diagnostics", "TproxyConfig", "TproxyConfigYAML", "HostFacts",
                "RuleIR", "RuleCompiler", "RuleTrace", "NftablesBackend", "IptablesRules",
                "FirewalldExporter", "PersistenceFiles", "TproxyCommands",
            ],
            path: "Tests/FuzzTargets", swiftSettings: swiftSettings),

        // Tests. Traffic for them and for measurements comes from a program that isn't installed.
        .executableTarget(
            name: "LoadGenerator", dependencies: ["CLinux", "JSON", argumentParser],
            path: "Tests/LoadGenerator", swiftSettings: swiftSettings),
        .testTarget(
            name: "LoadGeneratorTests", dependencies: ["LoadGenerator"],
            swiftSettings: testSettings),
        .target(
            name: "ConfigurationGenerator", dependencies: ["Addressing", "HostFacts", "Rehearsal"],
            path: "Tests/ConfigurationGenerator", swiftSettings: testSettings),
        .target(
            name: "TproxyTestSupport",
            dependencies: [
                "Addressing", "ConfigurationGenerator", "Diagnostics", "TproxyConfig",
                "TproxyConfigYAML", "HostFacts",
                "RuleIR", "RuleCompiler", "RuleTrace", "Rehearsal",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/TproxyTestSupport", swiftSettings: testSettings),
        .testTarget(
            name: "AddressingTests", dependencies: ["Addressing"], swiftSettings: testSettings),
        .testTarget(
            name: "DiagnosticsTests", dependencies: ["Diagnostics"], swiftSettings: testSettings),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: testSettings),
        .testTarget(
            name: "TproxyConfigTests",
            dependencies: [
                "Addressing", "Diagnostics", "TproxyConfig", "TproxyConfigYAML",
                "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["FuzzTargets", "TproxyTestSupport"],
            exclude: ["Corpus", "Crashes", "Dictionaries"], swiftSettings: testSettings),
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
            name: "HostProgramsTests", dependencies: ["HostPrograms", "TproxyTestSupport"],
            swiftSettings: testSettings),
        .testTarget(
            name: "HostFilesTests", dependencies: ["CLinux", "HostFiles", "TproxyTestSupport"],
            swiftSettings: testSettings),
        .testTarget(
            name: "RuleIRTests", dependencies: ["Addressing", "RuleIR", "TproxyTestSupport"],
            swiftSettings: testSettings),
        .testTarget(
            name: "RulesetDiffTests", dependencies: ["Addressing", "RuleIR", "RulesetDiff"],
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
                "Addressing", "RuleIR", "RuleTrace", "NftablesBackend", "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "IptablesRulesTests",
            dependencies: [
                "Addressing", "RuleIR", "RuleTrace", "IptablesRules", "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "PacketFlowTests",
            dependencies: [
                "Addressing", "RuleIR", "RuleCompiler", "RuleTrace", "PacketFlow",
                "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "ReviewPageTests",
            dependencies: [
                "Addressing", "RuleIR", "RuleCompiler", "RuleTrace", "PacketFlow", "ReviewPage",
                "Rehearsal", "TproxyTestSupport",
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
                "JSON", "Preflight", "Rehearsal", "RuleIR", "TproxyCommands", "TproxyTestSupport",
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
                "HostPrograms", "FirewalldControl", "Rehearsal", "IptablesRules", "IptablesBackend",
                "Netlink",
                "PersistenceFiles",
                "TproxyCommands",
                "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "PropertyTests",
            dependencies: [
                "Addressing", "ConfigurationGenerator", "HostFacts", "RuleIR", "RuleCompiler",
                "RuleTrace", "TproxyConfig", "NftablesBackend", "IptablesRules", "Rehearsal",
                "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "DifferentialTests",
            dependencies: [
                "Addressing", "ConfigurationGenerator", "HostFacts", "HostPrograms", "RuleIR",
                "RuleCompiler", "RuleTrace", "Netlink", "NftablesBackend", "IptablesRules",
                "IptablesBackend", "FirewalldExporter", "Rehearsal", "TproxyTestSupport",
            ],
            swiftSettings: testSettings),
    ] + fuzzTargets
)
