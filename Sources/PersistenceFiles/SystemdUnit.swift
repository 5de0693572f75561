package import RuleIR
import TextSearch

/// A systemd service that loads the rules at boot, before the network is up.
///
/// It runs `apply` with the configuration files, flags and variables with which it was created. The
/// unit contains the host facts, because resolv.conf(5) may be missing at boot and the rules would
/// differ.
package struct SystemdUnit: Hashable, Sendable {
    package struct Variable: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A value that a unit can't contain.
    package enum Problem: Error, Hashable, Sendable {
        /// systemd refuses quotes, backslashes and control characters in the path of a program.
        case program(String)
        /// systemd drops a variable whose value has control characters other than tab and newline.
        case variable(String)
        /// systemd drops a line with a noncharacter of Unicode (`unichar_is_valid()`).
        case noncharacter
        /// systemd refuses a line of 1 MiB or more.
        case tooLong(setting: String)
    }

    package var instance: InstanceName
    /// The absolute path of tproxy.
    package var program: String
    /// The absolute paths, in order.
    package var configurationFiles: [String]
    /// Complete arguments, such as `--redirect-dns=true`.
    package var flags: [String]
    package var environment: [Variable]
    /// The host facts as JSON.
    package var facts: String

    package init(
        instance: InstanceName, program: String, configurationFiles: [String], flags: [String],
        environment: [Variable], facts: String
    ) {
        self.instance = instance
        self.program = program
        self.configurationFiles = configurationFiles
        self.flags = flags
        self.environment = environment
        self.facts = facts
    }

    /// The directory for units of the administrator.
    package static let folder = "/etc/systemd/system"

    package static func name(of instance: InstanceName) -> String {
        "tproxy-\(instance).service"
    }

    /// Returns the text of the unit; values are quoted so that none can become syntax.
    package func body() throws(Problem) -> String {
        guard program.hasPrefix("/"), !program.unicodeScalars.contains(where: Self.isUnsafe) else {
            throw .program(program)
        }
        for variable in environment
        where variable.value.unicodeScalars.contains(where: Self.isForbiddenInVariable) {
            throw .variable(variable.name)
        }
        let apply = command(
            ["apply", "--instance", instance.text]
                + configurationFiles.flatMap { ["--config", $0] } + ["--facts", "-"] + flags)
        let remove = command(["remove", "--instance", instance.text])
        let settings =
            environment.map { "Environment=" + UnitQuoting.word("\($0.name)=\($0.value)") }
            + ["StandardInput=data"]
            + facts.split(separator: "\n").map {
                "StandardInputText=" + UnitQuoting.line(String($0))
            }
            + ["ExecStart=" + apply, "ExecReload=" + apply, "ExecStop=" + remove]
        let body = ([head] + settings + [Self.protection, Self.installation])
            .joined(separator: "\n")
        guard !body.unicodeScalars.contains(where: \.properties.isNoncharacterCodePoint) else {
            throw .noncharacter
        }
        if let long = body.split(separator: "\n").first(where: { $0.utf8.count >= 1 << 20 }) {
            throw .tooLong(setting: String(long.prefix { $0 != "=" }))
        }
        return body
    }

    /// Returns the command line; the path of the program isn't escaped, since systemd expands no
    /// `$` in it.
    private func command(_ arguments: [String]) -> String {
        ([UnitQuoting.word(program)] + arguments.map(UnitQuoting.argument)).joined(separator: " ")
    }

    /// Whether systemd refuses the character in the path of a program (`string_is_safe()`).
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || ["\u{7F}", "\"", "'", "\\"].contains(scalar)
    }

    /// Whether systemd refuses the character in a variable (`env_value_is_valid()`).
    private static func isForbiddenInVariable(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value < 0x20 && scalar != "\t" && scalar != "\n") || scalar.value == 0x7F
    }
}

extension SystemdUnit {
    /// The dependencies of the unit.
    ///
    /// nftables.service executes `flush ruleset` when it starts and stops. So this unit starts
    /// after it, stops before it, and restarts and reloads with it. With cloud-init, sysinit.target
    /// waits for the network, so this unit can't wait for sysinit.target and has no default
    /// dependencies.
    private var head: String {
        """
        # To update:  tproxy export systemd --instance \(instance) …
        # To remove:  tproxy export systemd --instance \(instance) --remove
        # To extend:  systemctl edit \(Self.name(of: instance))

        [Unit]
        Description=Transparent proxy rules, table inet tproxy_\(instance)
        DefaultDependencies=no
        Wants=network-pre.target
        After=local-fs.target nftables.service firewalld.service
        Before=network-pre.target
        Conflicts=shutdown.target
        Before=shutdown.target
        PartOf=nftables.service
        ReloadPropagatedFrom=nftables.service

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        TimeoutStartSec=90s
        """
    }

    /// The sandbox: the service gets only CAP_NET_ADMIN and netlink, which loading needs.
    ///
    /// if_nametoindex(3) needs AF_UNIX. /run is named because systemd 252 leaves it writable with
    /// `ProtectProc=`, whatever `ProtectSystem=` says.
    private static let protection = """

        CapabilityBoundingSet=CAP_NET_ADMIN
        NoNewPrivileges=yes
        ProtectSystem=strict
        ReadOnlyPaths=/run
        ProtectHome=yes
        PrivateMounts=yes
        PrivateTmp=yes
        PrivateDevices=yes
        ProtectClock=yes
        ProtectControlGroups=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectProc=invisible
        ProcSubset=pid
        RestrictAddressFamilies=AF_NETLINK AF_UNIX
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        IPAddressDeny=any
        KeyringMode=private
        LockPersonality=yes
        MemoryDenyWriteExecute=yes
        SystemCallArchitectures=native
        SystemCallFilter=@system-service
        SystemCallFilter=~@privileged @resources
        SystemCallErrorNumber=EPERM
        UMask=0077
        """

    /// nftables.service also wants this unit, so that starting it manually loads the rules again.
    private static let installation = """

        [Install]
        WantedBy=multi-user.target nftables.service

        """
}

/// Quotes arbitrary text so that systemd reads it back unchanged.
///
/// systemd processes, in this order: quotes and backslashes (systemd.syntax(7)), specifiers with
/// `%` (systemd.unit(5)) and, only in command lines, variables with `$` (systemd.service(5)).
enum UnitQuoting {
    /// Quotes one word of a setting with several, such as `Environment=`.
    static func word(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy(isPlainByte)
        return isPlain ? text : "\"" + escaped(text).replacing(text: "\"", with: "\\\"") + "\""
    }

    /// Quotes one argument of a command line.
    static func argument(_ text: String) -> String {
        word(text.replacing(text: "$", with: "$$"))
    }

    /// Escapes a line of `StandardInputText=`, where quotes have no meaning.
    ///
    /// Spaces at both ends are lost.
    static func line(_ text: String) -> String {
        escaped(text)
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "%": "%%"
            case "\n": "\\n"
            case "\t": "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}": "\\x" + hexadecimal(scalar.value)
            case _: String(scalar)
            }
        }.joined()
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        (value < 16 ? "0" : "") + String(value, radix: 16)
    }

    private static func isPlainByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "="), UInt8(ascii: ":"),
            UInt8(ascii: ","):
            true
        case _:
            false
        }
    }
}
