import ArgumentParser

/// What `explain` reports besides the outcome for one packet.
struct QuestionOptions: ParsableArguments {
    enum Why: String, ExpressibleByArgument, CaseIterable {
        case redirected
        case bypassed
    }

    @Flag(help: "Also print every rule that the packet meets.")
    var path = false

    @Flag(
        help: ArgumentHelp(
            "Follow the packet, the proxy's own connection for it, and the answers.",
            discussion: "Shows where a redirect goes, and whether the flow would loop."))
    var flow = false

    @Option(
        help: ArgumentHelp(
            "Answer for each packet of this file; - is standard input.",
            discussion: """
                One per line: 'out tcp uid=1000 to=203.0.113.1:443' or 'in tcp from=198.51.100.7 \
                to=10.0.0.2:8080 on=eth0'; # begins a comment. A line may also be a JSON object \
                with direction, proto, uid, from, to and interface.
                """, valueName: "file"), completion: .file())
    var packets: String?

    @Option(
        help: ArgumentHelp(
            "List the rules that redirect or bypass packets of this pattern.",
            discussion: """
                Any part of the packet may be left out; --to and --from may be prefixes. Exact: \
                the answer covers every packet of the pattern, without sampling.
                """))
    var why: Why?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Answer for all rules of this file, also those of other programs.",
            discussion: """
                The output of iptables-save, ip6tables-save or 'nft -j list ruleset', or a \
                direct.xml of firewalld. Repeat it for the second family. The host facts come from \
                --facts, if given.
                """, valueName: "file"), completion: .file())
    var ruleset: [String] = []

    /// Throws if the flags don't form one question.
    func check(isPacketGiven: Bool, hasDestination: Bool) throws {
        if why != nil {
            guard packets == nil, !flow, !path else {
                throw ValidationError("--why can't be combined with --packets, --flow or --path")
            }
        } else if packets != nil {
            guard !isPacketGiven else {
                throw ValidationError("packets are given by flags and by --packets")
            }
            guard !flow, !path else {
                throw ValidationError("--flow and --path are for one packet, not for --packets")
            }
        } else if !hasDestination {
            throw ValidationError("--to is missing: the packet's destination")
        }
    }
}
