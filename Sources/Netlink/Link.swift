package import Addressing
import CMnl
import FaultPoints
import Glibc

/// Network interfaces of the calling thread's network namespace.
package enum Link {
    /// Sets the interface up (IFF_UP).
    package static func setUp(_ interface: InterfaceName) throws(NetlinkError) {
        let index = try interface.index()
        try unsafe MnlSocket(.route).request { memory in
            let message = unsafe RouteMessage.link(memory, RTM_NEWLINK, flags: 0)
            let header = unsafe mnl_nlmsg_get_payload(message)?.assumingMemoryBound(
                to: ifinfomsg.self)
            unsafe header?.pointee.ifi_index = Int32(index)
            unsafe header?.pointee.ifi_flags = UInt32(IFF_UP)
            unsafe header?.pointee.ifi_change = UInt32(IFF_UP)
            return unsafe message
        }
    }

    /// Returns whether packets can leave by the interface: IF_OPER_UP of RFC 2863.
    ///
    /// The first end of a veth pair sends nothing for a moment after the second is up.
    package static func isOperational(_ interface: InterfaceName) throws(NetlinkError) -> Bool {
        let index = try interface.index()
        // IF_OPER_UP of <linux/if.h>, which conflicts with glibc's <net/if.h>.
        let operational: UInt8 = 6
        var state: UInt8?
        try unsafe MnlSocket(.route).request { memory in
            let message = unsafe RouteMessage.link(memory, RTM_GETLINK, flags: 0)
            let header = unsafe mnl_nlmsg_get_payload(message)?.assumingMemoryBound(
                to: ifinfomsg.self)
            unsafe header?.pointee.ifi_index = Int32(index)
            return unsafe message
        } receive: { message in
            guard let payload = unsafe mnl_nlmsg_get_payload(message) else { return }
            // An attribute has length and type, 16 bits each, then the value, padded to 4 bytes.
            let end = unsafe Int(mnl_nlmsg_get_payload_len(message))
            var offset = MemoryLayout<ifinfomsg>.size
            while offset + 4 < end {
                let length = unsafe Int(payload.load(fromByteOffset: offset, as: UInt16.self))
                let type = unsafe payload.load(fromByteOffset: offset + 2, as: UInt16.self)
                guard length >= 4, offset + length <= end else { return }
                if type == UInt16(IFLA_OPERSTATE), length > 4 {
                    state = unsafe payload.load(fromByteOffset: offset + 4, as: UInt8.self)
                }
                offset += (length + 3) & ~3
            }
        }
        return state == operational
    }

    /// Creates a veth(4) pair, with one end here and the other in another namespace.
    ///
    /// `namespace` is an open descriptor of `/proc/…/ns/net`.
    package static func addPair(
        _ here: InterfaceName, _ there: InterfaceName, in namespace: Int32
    ) throws(NetlinkError) {
        try unsafe MnlSocket(.route).request { memory in
            let message = unsafe RouteMessage.link(
                memory, RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL)
            unsafe mnl_attr_put_strz(message, UInt16(IFLA_IFNAME), here.text)
            let info = unsafe mnl_attr_nest_start(message, UInt16(IFLA_LINKINFO))
            unsafe mnl_attr_put_strz(message, UInt16(IFLA_INFO_KIND), "veth")
            let data = unsafe mnl_attr_nest_start(message, UInt16(IFLA_INFO_DATA))
            let peer = unsafe mnl_attr_nest_start(message, UInt16(VETH_INFO_PEER))
            // The peer's attributes follow a header of their own, left zero.
            _ = unsafe mnl_nlmsg_put_extra_header(message, MemoryLayout<ifinfomsg>.size)
            unsafe mnl_attr_put_strz(message, UInt16(IFLA_IFNAME), there.text)
            unsafe mnl_attr_put_u32(message, UInt16(IFLA_NET_NS_FD), UInt32(namespace))
            unsafe mnl_attr_nest_end(message, peer)
            unsafe mnl_attr_nest_end(message, data)
            unsafe mnl_attr_nest_end(message, info)
            return unsafe message
        }
    }
}

/// Starts rtnetlink(7) messages.
enum RouteMessage {
    /// Starts a message about a link, with a zero header.
    static func link(
        _ memory: UnsafeMutableRawPointer, _ type: Int, flags: Int32
    ) -> UnsafeMutablePointer<nlmsghdr> {
        unsafe begin(memory, type, flags: flags, headerSize: MemoryLayout<ifinfomsg>.size)
    }

    /// Starts a message with a zero header of `headerSize` bytes after the netlink header.
    static func begin(
        _ memory: UnsafeMutableRawPointer, _ type: Int, flags: Int32, headerSize: Int
    ) -> UnsafeMutablePointer<nlmsghdr> {
        let message =
            unsafe mnl_nlmsg_put_header(memory) ?? memory.assumingMemoryBound(to: nlmsghdr.self)
        unsafe message.pointee.nlmsg_type = UInt16(type)
        unsafe message.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_ACK | flags)
        _ = unsafe mnl_nlmsg_put_extra_header(message, headerSize)
        return unsafe message
    }
}

extension InterfaceName {
    /// Returns the index of the interface in the calling thread's network namespace.
    func index() throws(NetlinkError) -> UInt32 {
        let index = systemCall(.interfaceIndex) { () -> UInt32? in
            let found = unsafe if_nametoindex(text)
            return found == 0 ? nil : found
        }
        guard let index else { throw NetlinkError(code: errno) }
        return index
    }
}
