import Addressing
import FirewalldExporter
import Foundation
import LinuxHost
import IptablesBackend
import Netlink
import RuleIR
import TproxyTestSupport

/// A real firewalld in the network namespace of the thread that makes it; it reloads for each
/// ruleset.
///
/// Its mounts and processes end with it. The tests don't cover its zones, so the default zone is
/// `trusted`; and its rule against IPv4 embedded in IPv6 (RFC 3964), of which `apply` warns, is
/// off.
final class FirewalldHost: RulesLoader {
    struct NotLoaded: Error, CustomStringConvertible {
        let description: String
    }

    private static let settings = """
        FirewallBackend=nftables
        DefaultZone=trusted
        RFC3964_IPv4=no

        """

    /// Without firewall-cmd(1), which takes longer to start than firewalld to reload.
    private static let call = """
        dbus-send --system --print-reply --reply-timeout=120000 \
        --dest=org.fedoraproject.FirewallD1 /org/fedoraproject/FirewallD1
        """

    private let process = Process()
    private let commands = Pipe()
    private let answers = Pipe()
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("differential-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // This thread starts it, so it is in the thread's network namespace.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = [
            "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
            """
            set -e
            \(FirewalldScript.setUp(settings: Self.settings))
            \(FirewalldScript.start)
            set +e
            echo ready
            while read -r file; do
                cp "$file" /etc/firewalld/direct.xml
                \(Self.call) org.fedoraproject.FirewallD1.reload >/run/answer 2>&1
                echo $?
            done
            """,
        ]
        process.standardInput = commands
        process.standardOutput = answers
        process.standardError = FileHandle.nullDevice
        try process.run()
        guard readLine() == "ready" else {
            throw NotLoaded(description: "firewalld doesn't start")
        }
    }

    func load(_ ruleset: Ruleset) throws {
        let output = try FirewalldExporter(version: "differential").emit(ruleset)
        let bytes = try DirectFile.merging(output, into: nil).bytes ?? []
        let file = folder.appendingPathComponent("direct.xml")
        try Data(bytes).write(to: file)
        // firewalld can't add the address; `export firewalld` does.
        for address in ruleset.prerequisites.loopbackAddresses {
            _ = try InterfaceAddress.add(address.prefix, to: address.interface)
        }
        commands.fileHandleForWriting.write(Data("\(file.path)\n".utf8))
        let status = readLine()
        // It reports success even if it has dropped every direct rule.
        let backend = IptablesBackend(.nft, version: "differential")
        let installed = try backend.installed(ruleset.instance)
        guard status == "0", installed?.digest == output.digest, installed?.isIntact == true else {
            throw NotLoaded(
                description: "firewalld exits \(status ?? "-") and has"
                    + " \(installed?.digest ?? "nothing") instead of \(output.digest)")
        }
    }

    func end() {
        try? commands.fileHandleForWriting.close()
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    private func readLine() -> String? {
        var bytes: [UInt8] = []
        while let byte = answers.fileHandleForReading.readData(ofLength: 1).first {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }
}
