/// The shell script of a fault: a namespace, the old state, the run, a check, and the runs that
/// follow.
enum FaultScript {
    /// The beginning of every script.
    private static func common(_ scenario: FaultScenario) -> String {
        """
        set -u
        ip link set lo up
        # A path of the program that survives a reboot.
        mount -t tmpfs tmpfs /srv && touch /srv/tproxy && mount --bind $T /srv/tproxy
        T=/srv/tproxy
        # What a command may change in the kernel and in files, without times and counters.
        snapshot() {
            \(look(scenario.engine))
            ip address show lo | sed 's/[0-9]*sec/limited/g'
            ip rule; ip -6 rule
            [ ! -d files ] || (
                cd files
                find . -printf '%y %M %U:%G %p\\n' | sed 's/\\.tproxy-[0-9-]*/.tproxy-LEFT/' | sort
                find . -type f | sort | xargs -r sha256sum
                find . -type f | sort | xargs -r getfattr -d -m - 2>/dev/null
            )
        }
        """
    }

    /// Lists the rules of all programs, without the time of the load and the record that covers it.
    private static func look(_ engine: FaultScenario.Engine) -> String {
        #"{ \#(list(engine)); } | sed -E 's/"(at|record) [^"]*"/"\1"/'"#
    }

    /// Empty tables count as missing, because iptables-nft never removes one.
    private static func list(_ engine: FaultScenario.Engine) -> String {
        let filter =
            #"awk '/^\*/ { table = $1 } /^:/ && $2 != "-" { next } /^[:-]/ { print table, $0 }'"#
        return switch engine {
        case .nft: "nft --stateless list ruleset"
        case .iptablesNft:
            "for tool in iptables ip6tables; do $tool-nft-save | sed 's/ \\[.*\\]$//' | \(filter); done"
        case .iptablesLegacy:
            """
            for tool in iptables ip6tables; do
                for table in $(sort /proc/net/${tool%tables}_tables_names 2>/dev/null); do
                    $tool-legacy-save -t $table | sed 's/ \\[.*\\]$//' | \(filter)
                done
            done
            """
        }
    }

    private static func foreign(_ engine: FaultScenario.Engine) -> String {
        switch engine {
        case .nft: "nft 'add table ip others; add chain ip others c; add rule ip others c accept'"
        case .iptablesNft, .iptablesLegacy:
            """
            for tool in iptables ip6tables; do
                $tool-\(engine == .iptablesNft ? "nft" : "legacy") -t nat -A OUTPUT -p tcp --dport 7 -j RETURN
            done
            """
        }
    }

    /// Restores what `keep` kept, from the folder above.
    private static func restore(_ engine: FaultScenario.Engine) -> String {
        let rules =
            switch engine {
            case .nft: "nft -f ../rules"
            case .iptablesNft: "iptables-nft-restore <../rules; ip6tables-nft-restore <../rules6"
            case .iptablesLegacy:
                "iptables-legacy-restore <../rules; ip6tables-legacy-restore <../rules6"
            }
        return """
            \(rules)
            [ ! -e ../address ] || ip address add ::6/128 dev lo nodad metric 1953526383
            [ ! -d ../kept ] || cp -a ../kept files
            """
    }

    private static func keep(_ engine: FaultScenario.Engine) -> String {
        let rules =
            switch engine {
            case .nft: "nft --stateless list ruleset >rules"
            case .iptablesNft: "iptables-nft-save >rules; ip6tables-nft-save >rules6"
            case .iptablesLegacy: "iptables-legacy-save >rules; ip6tables-legacy-save >rules6"
            }
        return """
            \(rules)
            ! ip -6 address show lo | grep -q ' ::6/128' || touch address
            [ ! -d files ] || cp -a files kept
            """
    }

    private static func run(_ commands: [String], else code: Int) -> String {
        commands.map { "\($0) >>said 2>&1 || exit \(code)" }.joined(separator: "\n")
    }

    /// Runs the command without a fault; records the states before and after it, and its steps.
    static func prepare(_ scenario: FaultScenario) -> String {
        """
        \(common(scenario))
        \(foreign(scenario.engine))
        \(scenario.ground.joined(separator: "\n"))
        snapshot >clean
        \(run(scenario.before, else: 101))
        snapshot >old
        \(keep(scenario.engine))
        TPROXY_FAULT_TRACE=trace \(scenario.command) >>said 2>&1 || exit 102
        snapshot >new
        \(run([scenario.undo], else: 103))
        snapshot >gone
        """
    }

    /// Runs the command with the fault `$TPROXY_FAULT` in a folder beside the files of `prepare`;
    /// prints one finding per line, and on stderr what the command printed.
    ///
    /// Where the fault left everything unchanged, the next run equals the one of `prepare`.
    static func attempt(_ scenario: FaultScenario) -> String {
        """
        \(common(scenario))
        same() { cmp -s "$1" ../$2; }
        \(restore(scenario.engine))
        snapshot >before; same before old || { echo not-restored; diff ../old before; exit; }
        fault=$TPROXY_FAULT; unset TPROXY_FAULT
        # A new session, so that a process that is still in it is found.
        TPROXY_FAULT=$fault TPROXY_FAULT_TRACE=trace setsid --wait sh -c \
        'echo $$ >session; exec \(scenario.command)' >out 2>err
        echo "exit $?"
        while pgrep --session "$(cat session)" >/dev/null; do sleep 0.02; done
        grep -qFx "$fault" trace || echo not-struck
        snapshot >now
        if same now old; then echo old
        elif same now new; then echo new
        else echo between; diff ../old now >&2; fi
        if ! same now old; then
            \(scenario.command) >healed 2>&1 || { echo not-healed; cat healed >&2; }
            snapshot >after
            same after new || { echo healed-to-other; diff ../new after >&2; }
            \(scenario.loads ? "$T status >>healed 2>&1 || { echo not-intact; cat healed >&2; }" : ":")
            \(scenario.undo) >>healed 2>&1 || { echo not-removed; cat healed >&2; }
            snapshot >after
            same after clean || { echo something-left; diff ../clean after >&2; }
        fi
        cat out err >&2
        """
    }
}
