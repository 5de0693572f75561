package import RuleIR

/// A systemd service that loads the rules at boot, before there is a network.
///
/// It runs `apply` with the configuration files, flags and variables that it was written with, all
/// named in it. The host facts are in the unit itself: at boot resolv.conf(5) may not be there yet,
/// and the rules would be others.
package struct SystemdUnit: Hashable, Sendable {
    package struct Variable: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What can't be said in a unit.
    package enum Problem: Error, Hashable, Sendable {
        /// systemd refuses quotes, backslashes and control characters in a program's path.
        case program(String)
        /// systemd drops a variable whose value has control characters other than tab and newline.
        case variable(String)
        /// systemd drops a line with a noncharacter of Unicode (`unichar_is_valid()`).
        case noncharacter
        /// systemd gives up at a line of 1 MiB.
        case tooLong(setting: String)
    }

    package var instance: InstanceName
    /// The absolute path of tproxy.
    package var program: String
    /// Absolute paths, in order.
    package var configurationFiles: [String]
    /// Whole arguments, such as `--redirect-dns=true`.
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

    /// Where systemd takes units from that an admin installs.
    package static let folder = "/etc/systemd/system"

    package static func name(of instance: InstanceName) -> String {
        "tproxy-\(instance).service"
    }

    /// The text of the unit, in which nothing that a user chose can become syntax.
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

    /// The program's path is written as it is, since systemd undoes no `$` in it.
    private func command(_ arguments: [String]) -> String {
        ([UnitQuoting.word(program)] + arguments.map(UnitQuoting.argument)).joined(separator: " ")
    }

    /// `string_is_safe()` of systemd, which its programs' paths must be.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || ["\u{7F}", "\"", "'", "\\"].contains(scalar)
    }

    /// What `env_value_is_valid()` of systemd refuses.
    private static func isForbiddenInVariable(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value < 0x20 && scalar != "\t" && scalar != "\n") || scalar.value == 0x7F
    }
}

extension SystemdUnit {
    /// When it runs.
    ///
    /// nftables.service begins with `flush ruleset` and ends with it, so this starts after it, stops
    /// before it, and follows when it is restarted or reloaded. cloud-init has sysinit.target wait
    /// for the network, so this can't wait for sysinit.target: no default dependencies.
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

    /// CAP_NET_ADMIN and netlink are what loading needs, and all it gets.
    ///
    /// AF_UNIX is for the socket that if_nametoindex(3) asks. /run is named because systemd 252 leaves
    /// it writable beside `ProtectProc=`, whatever `ProtectSystem=` says.
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

    /// nftables.service wants it too, so that starting that by hand brings the rules back.
    private static let installation = """

        [Install]
        WantedBy=multi-user.target nftables.service

        """
}
