/// Writes the reference of all configuration keys, docs/configuration.md.
package enum ConfigurationReference {
    private static let groups: [(title: String, keys: [ConfigurationKey])] = [
        ("General", ConfigurationKey.generalKeys),
        ("Incoming connections", ConfigurationKey.inboundKeys),
        ("Outgoing connections", ConfigurationKey.outboundKeys),
        ("DNS and virtual networks", ConfigurationKey.dnsKeys),
        ("How rules are applied", ConfigurationKey.installationKeys),
        ("eBPF", ConfigurationKey.ebpfKeys),
    ]

    /// The document as Markdown.
    package static var markdown: String {
        ([introduction] + groups.map { section($0.title, $0.keys) } + [formats, deprecated])
            .joined(separator: "\n")
    }

    private static let introduction = """
        # Configuration

        <!-- Made by `make golden` from the schema in Sources/TproxyConfig/Schema; don't edit. -->

        A value comes from the last of these that sets it:

        1. the default,
        2. the files of `--config`, in their order (repeat the flag or separate with commas; `-` is
           standard input; YAML or JSON),
        3. the environment, with or without a file,
        4. the flags.

        A list replaces the list of an earlier source; it isn't added to it. Keys may be written in
        any letter case. An unknown key is an error, or with `--allow-unknown-keys` a warning.
        `tproxy config show` prints every value and where it comes from, `tproxy config check`
        reports every problem, `tproxy config schema` prints a JSON Schema.

        The flags `--config`, `--exclude-inbound-ips`, `--exclude-outbound-ips`,
        `--exclude-outbound-ports-for-uids`, `--vnet` and `--iptables-executables` may be repeated, and
        all their values count, as in kumactl. Of any other flag the last one wins. The sources of
        `iptablesExecutables` add to each other, program by program.

        A file holds one document. Of a Kubernetes ConfigMap, as Kuma's Helm chart creates it, the
        configuration is the text `data.config.yaml`. Anchors, aliases and merge keys (`<<`) work. As
        in Kuma 2.9 and 2.10, the value of `--config` may be a configuration instead of a path, with a
        warning.

        A switch may be given bare (`--redirect-dns`) or with a value (`--redirect-dns=false`).

        """

    private static func section(_ title: String, _ keys: [ConfigurationKey]) -> String {
        var lines = ["## \(title)", ""]
        for key in keys {
            let defaultText = key.defaultText.isEmpty ? "empty" : "`\(key.defaultText)`"
            lines += [
                "### `\(key.path)`", "", key.summary, "",
                "- value: \(key.format)",
                "- default: \(defaultText)",
                "- environment: `\(key.environmentVariable)`",
            ]
            if let flag = key.flag {
                lines.append("- flag: `\(flag)`")
            }
            if !key.isInFiles {
                lines.append("- not in files")
            }
            lines.append("")
        }
        return lines.joined(separator: "\n")
    }

    private static let formats = """
        ## Value formats

        - **Ports**: 1–65535, with or without quotes. A list may be a YAML list, a single port, or
          one text with commas. Ranges work in `excludePortsForUIDs` only.
        - **`excludePortsForUIDs`**: an item is `uids`, `ports:uids` or `protocol:ports:uids`.
          `tcp:80,8000-8080:1000,2000-2999` is TCP to ports 80 and 8000–8080 by users 1000 and
          2000–2999. An empty or `*` protocol is both, an empty or `*` port list every port. UIDs
          have 32 bits; `*` isn't allowed for them. In the environment and in one text, items are
          separated by `;`. A text that only makes sense split at commas is split there, as Kuma
          does.
        - **`excludePortsForIPs`**: an address or CIDR block of either family; an item may hold
          several, separated by commas. Host bits are cleared.
        - **Durations**: Go's form, `300ms`, `2s`, `1m30s`, `1.5h`, at most 24 hours. A bare number
          is nanoseconds, with a warning unless it is 0.
        - **Switches**: `true`, `false`, and Go's and YAML's synonyms.
        - An empty item is an error; it is not a wildcard. A key without a value is empty where
          the empty value means something, and an error elsewhere.

        """

    private static var deprecated: String {
        let rows = DeprecatedFlag.all.map { "| `\($0.name)` | \($0.advice) |" }
        return """
            ## Flags of older versions of Kuma

            tproxy accepts them with a warning.

            | flag | now |
            |---|---|
            | `--config-file` | write --config instead |
            \(rows.joined(separator: "\n"))

            """
    }
}
