import TextSearch

/// Counts the netlink messages of programs with strace(1).
enum NetlinkCount {
    static func of(
        _ calls: [ProgramCall], in workshop: Workshop
    ) throws(BenchError) -> ApplyingResults.Traffic? {
        var total = ApplyingResults.Traffic(sent: 0, received: 0)
        for call in calls {
            let log = workshop.path("strace")
            // `-s 0` and `abbrev` keep the log short; the sizes follow each call.
            let words = [
                "-f", "-yy", "-s", "0", "-e", "trace=sendmsg,sendto,recvmsg,recvfrom", "-o", log,
                call.program,
            ]
            guard
                try workshop.measure([.installed("strace", words + call.arguments)]) != nil
            else { return nil }
            var parser = StraceLog()
            try TextFile.forEachLine(log) { parser.read($0) }
            total.sent += parser.traffic.sent
            total.received += parser.traffic.received
        }
        return total
    }
}

/// Lines of strace(1) about messages to and from netlink sockets.
struct StraceLog {
    private(set) var traffic = ApplyingResults.Traffic(sent: 0, received: 0)

    /// Reads a line such as `123 sendto(3<NETLINK:[NETFILTER:123]>, …) = 20`.
    ///
    /// A message that was only peeked at (MSG_PEEK) is received again, and counted then.
    mutating func read(_ line: Substring) {
        var result = line
        while let rest = result.dropping(through: ") = ") { result = rest }
        guard let bytes = Int(result.prefix { $0.isNumber }), bytes > 0,
            let socket = line.firstRange(ofText: "<NETLINK:[NETFILTER"),
            let open = line.firstIndex(of: "("), open < socket.lowerBound
        else { return }
        let name = line[..<open].split(separator: " ").last ?? ""
        switch name {
        case "sendmsg", "sendto": traffic.sent += bytes
        case "recvmsg", "recvfrom":
            if !line.contains(text: "MSG_PEEK") { traffic.received += bytes }
        default: break
        }
    }
}
