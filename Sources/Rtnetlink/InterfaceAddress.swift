package import Addressing
import CMnl
import Glibc

/// Addresses of interfaces in the calling thread's network namespace.
package enum InterfaceAddress {
    /// Adds `prefix` to `interface`; false when it was there already.
    ///
    /// IPv6 addresses are usable at once, without duplicate address detection (IFA_F_NODAD): they
    /// are added to interfaces whose neighbours we know.
    package static func add(
        _ prefix: IPPrefix, address: IPAddress? = nil, to interface: InterfaceName
    ) throws(NetlinkError) -> Bool {
        do {
            try change(
                RTM_NEWADDR, flags: NLM_F_CREATE | NLM_F_EXCL, prefix, address ?? prefix.address,
                on: interface)
            return true
        } catch {
            guard error.code == EEXIST else { throw error }
            return false
        }
    }

    /// Removes `prefix` from `interface`; false when it wasn't there.
    package static func remove(
        _ prefix: IPPrefix, from interface: InterfaceName
    ) throws(NetlinkError) -> Bool {
        do {
            try change(RTM_DELADDR, flags: 0, prefix, prefix.address, on: interface)
            return true
        } catch {
            guard error.code == EADDRNOTAVAIL || error.code == ENODEV else { throw error }
            return false
        }
    }

    private static func change(
        _ type: Int, flags: Int32, _ prefix: IPPrefix, _ address: IPAddress,
        on interface: InterfaceName
    ) throws(NetlinkError) {
        let index = unsafe if_nametoindex(interface.text)
        guard index != 0 else { throw NetlinkError(code: errno) }
        let bytes = address.bytes
        try unsafe MnlSocket(.route).request { memory in
            let message = unsafe mnl_nlmsg_put_header(memory)
            unsafe message?.pointee.nlmsg_type = UInt16(type)
            unsafe message?.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_ACK | flags)
            let extra = unsafe mnl_nlmsg_put_extra_header(message, MemoryLayout<ifaddrmsg>.size)
            let header = unsafe extra?.assumingMemoryBound(to: ifaddrmsg.self)
            unsafe header?.pointee.ifa_family = UInt8(
                prefix.family == .ipv4 ? AF_INET : AF_INET6)
            unsafe header?.pointee.ifa_prefixlen = UInt8(prefix.length)
            unsafe header?.pointee.ifa_flags =
                prefix.family == .ipv6 ? UInt8(IFA_F_NODAD) : 0
            unsafe header?.pointee.ifa_index = index
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe mnl_attr_put(message, UInt16(IFA_LOCAL), bytes.count, bytes.baseAddress)
                unsafe mnl_attr_put(message, UInt16(IFA_ADDRESS), bytes.count, bytes.baseAddress)
            }
            return unsafe message ?? memory.assumingMemoryBound(to: nlmsghdr.self)
        }
    }
}
