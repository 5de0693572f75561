import ConfigurationGenerator

/// Values that tools list in another form, refuse, or omit.
enum PeculiarConfigurations {
    static let all = logLevels + blocks

    private static let logLevels = (0...7).map { level in
        GeneratedConfiguration(entries: [
            .init("log.enabled", .scalar("true")), .init("log.level", .scalar("\(level)")),
        ])
    }

    /// All addresses, half of them, the last one; as exclusions, and as virtual networks.
    static let blocks = [
        ["0.0.0.0/0"], ["::/0"], ["0.0.0.0/0", "::/0", "10.0.0.0/8"],
        ["0.0.0.0/1", "128.0.0.0/1"], ["255.255.255.255"],
    ].flatMap { blocks in
        ["redirect.inbound", "redirect.outbound"].map { direction in
            GeneratedConfiguration(entries: [
                .init("\(direction).excludePortsForIPs", .list(blocks)),
                .init("redirect.vnet.networks", .list(blocks.map { "docker+:\($0)" })),
            ])
        }
    }
}
