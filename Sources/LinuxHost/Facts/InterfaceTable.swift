package import Addressing
import FaultPoints
import Glibc
import HostFacts

/// The interfaces of this network namespace.
package struct InterfaceTable {
    /// An address of an interface, with its network.
    package struct Address {
        package var interface: String
        package var isLoopback: Bool
        package var address: IPAddress
        package var network: IPPrefix

        var isIPv6: Bool { address.family == .ipv6 }
    }

    package private(set) var addresses: [Address] = []
    /// The name of the first interface with the loopback flag.
    var loopback: InterfaceName?

    /// Reads the interfaces with getifaddrs(3), which needs no privilege and changes nothing.
    package init() throws(HostFactsError) {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard systemCall(.interfaceList, { unsafe getifaddrs(&list) }) == 0 else {
            throw .unreadable(.interfaces, reason: unsafe String(cString: strerror(errno)))
        }
        defer { unsafe freeifaddrs(list) }
        var next = unsafe list
        while let entry = unsafe next {
            let name = unsafe String(cString: entry.pointee.ifa_name)
            let isLoopback = unsafe entry.pointee.ifa_flags & UInt32(IFF_LOOPBACK) != 0
            if isLoopback, loopback == nil {
                loopback = InterfaceName(name)
            }
            if let address = unsafe Self.address(entry.pointee.ifa_addr) {
                // The netmask is ones followed by zeros; the prefix length is the number of ones.
                let mask = unsafe Self.address(entry.pointee.ifa_netmask)
                let length = mask?.bits.nonzeroBitCount ?? address.family.bitWidth
                if let network = IPPrefix(address, length: length) {
                    addresses.append(
                        Address(
                            interface: name, isLoopback: isLoopback, address: address,
                            network: network))
                }
            }
            unsafe next = entry.pointee.ifa_next
        }
    }

    private static func address(_ socket: UnsafeMutablePointer<sockaddr>?) -> IPAddress? {
        guard let socket = unsafe socket else { return nil }
        let raw = UnsafeRawPointer(socket)
        switch Int32(unsafe socket.pointee.sa_family) {
        case AF_INET:
            var bytes = unsafe raw.load(as: sockaddr_in.self).sin_addr
            return unsafe withUnsafeBytes(of: &bytes) {
                unsafe IPAddress(family: .ipv4, bytes: $0)
            }
        case AF_INET6:
            var bytes = unsafe raw.load(as: sockaddr_in6.self).sin6_addr
            return unsafe withUnsafeBytes(of: &bytes) {
                unsafe IPAddress(family: .ipv6, bytes: $0)
            }
        case _: return nil
        }
    }

    /// The host's own addresses, in the system's order.
    ///
    /// Omits 127.0.0.0/8, ::1 and ::6, which `apply` adds: they don't identify a host.
    var ownAddresses: [HostFacts.OwnAddress] {
        addresses.compactMap { entry in
            let address = entry.address
            guard let interface = InterfaceName(entry.interface), !address.isLoopback,
                address != .passthroughSource(address.family)
            else { return nil }
            return HostFacts.OwnAddress(
                interface: interface, address: address, prefixLength: entry.network.length)
        }
    }

    /// Whether an interface other than loopback has an IPv6 address.
    ///
    /// This is Kuma's test; a link-local address suffices.
    var ipv6: HostFacts.IPv6 {
        if let address = addresses.first(where: { $0.isIPv6 && !$0.isLoopback }) {
            return HostFacts.IPv6(
                isUsable: true, reason: "interface \(address.interface) has an IPv6 address")
        }
        return HostFacts.IPv6(
            isUsable: false, reason: "no interface but loopback has an IPv6 address")
    }
}
