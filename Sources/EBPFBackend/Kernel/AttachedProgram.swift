import CEBPF
import FaultPoints
import Glibc

/// A program of the object, by its hook.
struct HookedProgram: Hashable {
    /// The number in `enum cebpf_program`, which is the order in which programs are attached.
    let number: Int32

    static let all = (0..<Int32(CEBPF_PROGRAMS.rawValue)).map(HookedProgram.init)

    private init(number: Int32) {
        self.number = number
    }

    var name: String { unsafe String(cString: cebpf_program_name(number)) }

    /// The name that the kernel keeps, which has 15 bytes.
    var kernelName: String { String(name.prefix(15)) }

    /// Whether it is attached to the network namespace, and not to the cgroup.
    var isOfNamespace: Bool { number == Int32(CEBPF_LOOKUP.rawValue) }

    /// Whether it redirects; the others answer for redirected sockets.
    var redirects: Bool { number >= Int32(CEBPF_LOOKUP.rawValue) }

    /// The hook, as bpftool(8) names it.
    var hook: String {
        switch UInt32(number) {
        case CEBPF_GETSOCKOPT.rawValue: "getsockopt"
        case CEBPF_SOCKOPS.rawValue: "sock_ops"
        case CEBPF_RECVMSG4.rawValue: "recvmsg4"
        case CEBPF_RECVMSG6.rawValue: "recvmsg6"
        case CEBPF_PEERNAME4.rawValue: "getpeername4"
        case CEBPF_PEERNAME6.rawValue: "getpeername6"
        case CEBPF_LOOKUP.rawValue: "sk_lookup"
        case CEBPF_CONNECT4.rawValue: "connect4"
        case CEBPF_CONNECT6.rawValue: "connect6"
        case CEBPF_SENDMSG4.rawValue: "sendmsg4"
        case _: "sendmsg6"
        }
    }
}

/// Links and the programs behind them.
extension KernelObject {
    struct LinkFacts: Hashable {
        var program: UInt32
        /// The cgroup or the network namespace; 0 if it is gone.
        var target: UInt64
    }

    func linkFacts() throws(KernelFailure) -> LinkFacts {
        var facts = cebpf_link_facts()
        let result = systemCall(.bpfRead) { unsafe cebpf_link_facts(number, &facts) }
        guard result == 0 else { throw KernelFailure("reading the facts of a link") }
        return LinkFacts(program: facts.program, target: facts.target)
    }

    struct ProgramFacts {
        var id: UInt32
        var name: String
        var maps: [UInt32]
    }

    func programFacts() throws(KernelFailure) -> ProgramFacts {
        var facts = cebpf_program_facts()
        let result = systemCall(.bpfRead) { unsafe cebpf_program_facts(number, &facts) }
        guard result == 0 else { throw KernelFailure("reading the facts of a program") }
        let maps = unsafe withUnsafeBytes(of: &facts.maps) { bytes in
            unsafe Array(bytes.bindMemory(to: UInt32.self))
        }
        return ProgramFacts(
            id: facts.id, name: Self.text(&facts.name),
            maps: Array(maps.prefix(Int(facts.map_count))))
    }

    /// Opens the program with this ID; needs CAP_SYS_ADMIN.
    static func program(_ id: UInt32) throws(KernelFailure) -> KernelObject {
        let opened = systemCall(.bpfRead) { cebpf_program_with_id(id) }
        guard opened >= 0 else { throw KernelFailure("opening the program \(id)") }
        return KernelObject(opened)
    }

    /// Opens the map with this ID; needs CAP_SYS_ADMIN.
    static func map(_ id: UInt32) throws(KernelFailure) -> KernelObject {
        let opened = systemCall(.bpfRead) { cebpf_map_with_id(id) }
        guard opened >= 0 else { throw KernelFailure("opening the map \(id)") }
        return KernelObject(opened)
    }

    func pin(at path: String) throws(KernelFailure) {
        let result = systemCall(.bpfPin) { unsafe cebpf_pin(number, path) }
        guard result == 0 else { throw KernelFailure("pinning \(path)") }
    }
}
