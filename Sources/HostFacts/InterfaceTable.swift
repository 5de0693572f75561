import Addressing
import Glibc

/// The interfaces of this network namespace.
struct InterfaceTable {
    struct Address {
        var interface: String
        var isLoopback: Bool
        var address: IPAddress
    }

    var addresses: [Address] = []
    /// The name of the first interface that has the loopback flag.
    var loopback: InterfaceName?

    /// Asks getifaddrs(3): no privilege needed, nothing changed.
    init() {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&list) == 0 else { return }
        defer { unsafe freeifaddrs(list) }
        var next = unsafe list
        while let entry = unsafe next {
            let name = unsafe String(cString: entry.pointee.ifa_name)
            let isLoopback = unsafe entry.pointee.ifa_flags & UInt32(IFF_LOOPBACK) != 0
            if isLoopback, loopback == nil {
                loopback = InterfaceName(name)
            }
            if let address = unsafe entry.pointee.ifa_addr {
                if let address = unsafe Self.address(at: address) {
                    addresses.append(
                        Address(interface: name, isLoopback: isLoopback, address: address))
                }
            }
            unsafe next = entry.pointee.ifa_next
        }
    }

    private static func address(at pointer: UnsafePointer<sockaddr>) -> IPAddress? {
        switch Int32(unsafe pointer.pointee.sa_family) {
        case AF_INET:
            unsafe pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { internet in
                let bits = UInt32(bigEndian: unsafe internet.pointee.sin_addr.s_addr)
                return IPAddress(family: .ipv4, bits: UInt128(bits))
            }
        case AF_INET6:
            unsafe pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { internet in
                let address = unsafe internet.pointee.sin6_addr
                return unsafe withUnsafeBytes(of: address) {
                    unsafe IPAddress(family: .ipv6, bytes: $0)
                }
            }
        case _: nil
        }
    }

    /// What says which packets stay on this host, in the system's order.
    ///
    /// Every host has 127.0.0.0/8 and ::1, and `apply` adds ::6: these say nothing of a host.
    var ownAddresses: [HostFacts.OwnAddress] {
        addresses.compactMap { entry in
            let address = entry.address
            guard let interface = InterfaceName(entry.interface), !address.isLoopback,
                address != .passthroughSource(address.family)
            else { return nil }
            return HostFacts.OwnAddress(interface: interface, address: address)
        }
    }

    /// IPv6 counts as usable when an interface other than loopback has an address of it.
    ///
    /// This is Kuma's test; a link-local address is enough.
    var ipv6: HostFacts.IPv6 {
        if let address = addresses.first(where: {
            $0.address.family == .ipv6 && !$0.isLoopback
        }) {
            return HostFacts.IPv6(
                isUsable: true, reason: "interface \(address.interface) has an IPv6 address")
        }
        return HostFacts.IPv6(
            isUsable: false, reason: "no interface but loopback has an IPv6 address")
    }
}
