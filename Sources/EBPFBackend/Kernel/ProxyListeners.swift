import Addressing
import CEBPF
import FaultPoints
import Glibc
import LinuxHost
import Netlink
import RuleIR

/// The proxy's listeners that were open before the programs were attached.
///
/// Those that open later are added by a program when they begin to listen.
enum ProxyListeners {
    /// Adds the listeners on the proxy's ports to the map of `object`.
    static func adopt(
        _ plan: ProgramPlan, into object: borrowing LoadedObject
    ) throws(BackendError) {
        let listening = try open(plan.proxyPorts)
        guard !listening.isEmpty else { return }
        var missing = listening
        for process in ProcessFolder.all
        where process.networkNamespace == ProcessFolder.ownNetworkNamespace {
            try adopt(&missing, of: process, plan, into: object)
        }
        guard let lost = missing.values.first(where: { $0.localPort == plan.inboundPort }) else {
            return
        }
        throw .unusable(
            "the proxy's listener on port \(lost.localPort)",
            reason: "no process of this network namespace that tproxy may read has it open",
            remedy: "grant CAP_SYS_PTRACE, or start the proxy after 'tproxy apply'")
    }

    /// Returns the listeners by the inode of their socket.
    private static func open(_ ports: [Port]) throws(BackendError) -> [UInt32: InetSocket] {
        do throws(NetlinkError) {
            let sockets = try InetSocket.all(
                AddressFamily.allCases.map { InetSocket.Kind(transport: .tcp, family: $0) })
            let listening = sockets.filter {
                $0.state == .listening && ports.contains($0.localPort)
            }
            return Dictionary(
                listening.map { ($0.inode, $0) }, uniquingKeysWith: { first, _ in first })
        } catch {
            throw .failed(operation: "listing sockets", reason: error.reason)
        }
    }

    private static func adopt(
        _ missing: inout [UInt32: InetSocket], of process: ProcessFolder, _ plan: ProgramPlan,
        into object: borrowing LoadedObject
    ) throws(BackendError) {
        let folder = "/proc/\(process.process)/fd"
        for name in (try? KernelFolder.names(in: folder)) ?? [] {
            guard let number = Int32(name),
                let target = try? KernelFile.target(of: "\(folder)/\(name)"),
                target.hasPrefix("socket:["), let inode = UInt32(target.dropFirst(8).dropLast()),
                let socket = missing[inode]
            else { continue }
            let taken = cebpf_take_descriptor(process.process, number)
            guard taken >= 0 else { continue }
            let descriptor = KernelObject(taken)
            do throws(KernelFailure) {
                try add(descriptor, socket, isInbound: socket.localPort == plan.inboundPort, object)
            } catch {
                guard error.code == ENOSPC else { throw BackendError(error) }
                throw .unusable(
                    "the proxy's port \(socket.localPort)",
                    reason: "more than \(TPROXY_EBPF_LISTENERS) sockets listen on it for"
                        + " \(socket.local.family.displayName)",
                    remedy: "run the proxy with fewer threads (--concurrency), or use --backend nft"
                )
            }
            missing[inode] = nil
        }
    }

    private static func add(
        _ descriptor: borrowing KernelObject, _ socket: InetSocket, isInbound: Bool,
        _ object: borrowing LoadedObject
    ) throws(KernelFailure) {
        let slots = UInt32(TPROXY_EBPF_LISTENERS)
        let first = socket.local.family == .ipv4 ? 0 : slots
        let (listeners, origins) = (object.map(CEBPF_LISTENERS), object.map(CEBPF_ORIGINS))
        let number = descriptor.number
        for slot in isInbound ? Array(first..<first + slots) : [UInt32.max] {
            let result = systemCall(.bpfWrite) {
                cebpf_add_listener(listeners, origins, slot, number)
            }
            guard result >= 0 else { throw KernelFailure("adding the proxy's listener") }
            if result == 0 { return }
        }
        throw KernelFailure("adding the proxy's listener", code: ENOSPC)
    }
}
