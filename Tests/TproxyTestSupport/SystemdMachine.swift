import Foundation
import Subprocess

/// A container for one test, whose init is systemd.
///
/// It has every kind of namespace except a user namespace, and this host's files below a layer that
/// receives all writes and is deleted with the machine. Units of the host are disabled: it starts
/// multi-user.target, which wants only what `prepare` enables.
package struct SystemdMachine: Sendable {
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    /// The process ID of the machine's init on this host.
    private let leader: String

    /// Runs the shell commands `prepare` in the machine, with the program under test as
    /// /usr/local/bin/tproxy, boots it, and then runs `body`.
    package static func boot(
        preparing prepare: String, _ body: (SystemdMachine) async throws -> Void
    ) async throws {
        try PrivateNamespace.require()
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tproxy-machine-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try await Subprocess.run(
            .name("unshare"),
            arguments: [
                "--mount", "sh", "-euc", outside, "sh", folder.path, prepare, Command.tproxy,
                inside,
            ],
            input: .none, output: .sequence, error: .string(limit: 1 << 20)
        ) { execution -> Result<Bool, any Error> in
            // After SIGTERM it cleans up; an error thrown from here would kill it.
            defer { try? execution.send(signal: .terminate) }
            do {
                for try await line in execution.standardOutput.strings() {
                    guard line.hasPrefix("booting ") else { continue }
                    let machine = SystemdMachine(leader: String(line.dropFirst("booting ".count)))
                    try await machine.shell(waiting)
                    try await body(machine)
                    return .success(true)
                }
                return .success(false)
            } catch {
                return .failure(error)
            }
        }
        guard try run.closureResult.get() else {
            throw Failed(description: "can't boot a machine: \(run.standardError)")
        }
    }

    /// A command for `boot` that writes a file and creates its folder.
    package static func writing(_ text: String, to path: String) -> String {
        """
        mkdir -p '\(path)'; rmdir '\(path)'
        cat > '\(path)' <<'END OF FILE'
        \(text)
        END OF FILE

        """
    }

    /// Waits until systemd has finished all jobs.
    package func settle() async throws {
        try await shell(
            """
            for try in $(seq 200); do
                [ -n "$(systemctl list-jobs --no-legend)" ] || exit 0
                sleep 0.05
            done
            exit 1
            """)
    }

    /// Runs a program in the machine.
    package func run(_ program: String, _ arguments: [String] = []) async throws -> Command.Outcome
    {
        try await Command.run(
            "nsenter", ["--target", leader, "--all", program] + arguments)
    }

    /// Runs a shell command that must succeed; returns its output.
    @discardableResult
    package func shell(_ command: String) async throws -> String {
        let outcome = try await run("sh", ["-c", command])
        guard outcome.status == 0 else {
            throw Failed(description: "'\(command)' exited \(outcome.status): \(outcome.errors)")
        }
        return outcome.output
    }
}

extension SystemdMachine {
    /// systemd answers after a moment, and then reports when everything has started.
    private static let waiting = """
        for try in $(seq 100); do
            case $(systemctl is-system-running --wait 2>/dev/null) in
                running | degraded) exit 0 ;;
            esac
            sleep 0.05
        done
        exit 1
        """

    /// Creates a control group for the machine, starts it, and cleans up when it ends.
    private static let outside = """
        folder=$1
        mount -t tmpfs tmpfs "$folder"
        mkdir "$folder/cgroup"
        mount -t cgroup2 cgroup2 "$folder/cgroup"
        group="$folder/cgroup/tproxy-machine-$$"
        mkdir "$group"
        clear_up() {
            kill -KILL "$machine" 2>/dev/null || true
            wait "$machine" 2>/dev/null || true
            for try in 1 2 3 4 5 6 7 8 9; do
                find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
                sleep 0.1
            done
        }
        trap clear_up EXIT
        trap 'exit 0' TERM
        (
            echo 0 > "$group/cgroup.procs"
            exec setpriv --pdeathsig KILL unshare --pid --fork --kill-child --mount --net --uts --ipc --cgroup \
                sh -euc "$4" sh "$@"
        ) &
        machine=$!
        wait "$machine"
        """

    /// Mounts the machine's layer over this host's files, prepares it, and becomes its init.
    private static let inside = """
        read -r leader rest < /proc/self/stat
        mount --make-rprivate /
        cd "$1"
        mkdir layer work root
        mount -t overlay overlay -o lowerdir=/,upperdir=layer,workdir=work root
        cd root
        mount -t proc proc proc
        mount --bind proc/sys proc/sys
        mount -o remount,bind,ro proc/sys
        mount -t sysfs -o ro sysfs sys
        mount -t cgroup2 cgroup2 sys/fs/cgroup
        mount -t tmpfs tmpfs run
        mount -t tmpfs -o mode=755 tmpfs dev
        for node in null:3 zero:5 full:7 random:8 urandom:9; do
            mknod -m 666 "dev/${node%:*}" c 1 "${node#*:}"
        done
        mknod -m 666 dev/tty c 5 0
        mkdir dev/pts dev/shm dev/mqueue dev/hugepages
        mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
        ln -s pts/ptmx dev/ptmx
        ip link set lo up
        units=etc/systemd/system
        rm -rf $units lib/systemd/system/multi-user.target.wants lib/systemd/system/sysinit.target.wants
        mkdir -p $units/service.d usr/local/bin
        printf '[Unit]\\nDefaultDependencies=no\\n' > $units/sysinit.target
        printf '[Unit]\\nDefaultDependencies=no\\nWants=sysinit.target\\n' > $units/multi-user.target
        printf '[Service]\\nStandardOutput=append:/run/units.log\\n' > $units/service.d/log.conf
        cp "$3" usr/local/bin/tproxy
        chroot . sh -euc "$2" >&2
        mkdir .host
        pivot_root . .host
        umount -l .host
        echo "booting $leader"
        exec env -i container=tproxy PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            /lib/systemd/systemd --unit=multi-user.target --log-target=null --show-status=no \
            </dev/null >/dev/null 2>&1
        """
}

extension Scenario {
    /// A command for `SystemdMachine.boot` that writes the configuration and the facts to `folder`.
    package func inputsScript(folder: String) throws -> String {
        try ["tproxy.yaml", "facts.json"].map { name in
            SystemdMachine.writing(
                try String(contentsOfFile: path(of: name), encoding: .utf8), to: "\(folder)/\(name)"
            )
        }.joined()
    }
}
