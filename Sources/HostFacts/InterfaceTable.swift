import Addressing
import Glibc

/// The interfaces of this network namespace.
struct InterfaceTable {
    struct Address {
        var interface: String
        var isLoopback: Bool
        var isIPv6: Bool
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
                let family = Int32(unsafe address.pointee.sa_family)
                if family == AF_INET || family == AF_INET6 {
                    addresses.append(
                        Address(
                            interface: name, isLoopback: isLoopback, isIPv6: family == AF_INET6))
                }
            }
            unsafe next = entry.pointee.ifa_next
        }
    }

    /// IPv6 counts as usable when an interface other than loopback has an address of it.
    ///
    /// This is Kuma's test; a link-local address is enough.
    var ipv6: HostFacts.IPv6 {
        if let address = addresses.first(where: { $0.isIPv6 && !$0.isLoopback }) {
            return HostFacts.IPv6(
                isUsable: true, reason: "interface \(address.interface) has an IPv6 address")
        }
        return HostFacts.IPv6(
            isUsable: false, reason: "no interface but loopback has an IPv6 address")
    }
}
