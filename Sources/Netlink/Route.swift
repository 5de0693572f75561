package import Addressing
import CMnl
import Glibc

/// A route of the calling thread's network namespace.
package struct Route: Sendable {
    /// The kind of the route: what happens to its packets.
    package enum Kind: Sendable {
        /// Packets go to a neighbour on the interface: the gateway, or the destination itself.
        case unicast(gateway: IPAddress?)
        /// Packets are delivered to this host.
        case local
    }

    /// The routing table: the kernel looks up `local` first, then `main`.
    package enum Table: Sendable {
        case local
        case main
    }

    package var destination: IPPrefix
    package var kind: Kind
    package var interface: InterfaceName
    package var table: Table

    package init(
        to destination: IPPrefix, _ kind: Kind, on interface: InterfaceName, in table: Table
    ) {
        self.destination = destination
        self.kind = kind
        self.interface = interface
        self.table = table
    }

    /// Adds the route; replaces one to the same destination.
    package func add() throws(NetlinkError) {
        let index = try interface.index()
        try unsafe MnlSocket(.route).request { memory in
            let message = unsafe RouteMessage.begin(
                memory, RTM_NEWROUTE, flags: NLM_F_CREATE | NLM_F_REPLACE,
                headerSize: MemoryLayout<rtmsg>.size)
            let header = unsafe mnl_nlmsg_get_payload(message)?.assumingMemoryBound(to: rtmsg.self)
            unsafe header?.pointee.rtm_family = UInt8(
                destination.family == .ipv4 ? AF_INET : AF_INET6)
            unsafe header?.pointee.rtm_dst_len = UInt8(destination.length)
            unsafe header?.pointee.rtm_table = UInt8(
                table == .local ? RT_TABLE_LOCAL.rawValue : RT_TABLE_MAIN.rawValue)
            unsafe header?.pointee.rtm_protocol = UInt8(RTPROT_STATIC)
            var gateway: IPAddress?
            switch kind {
            case .unicast(let through):
                gateway = through
                unsafe header?.pointee.rtm_type = UInt8(RTN_UNICAST)
                unsafe header?.pointee.rtm_scope = UInt8(
                    through == nil ? RT_SCOPE_LINK.rawValue : RT_SCOPE_UNIVERSE.rawValue)
            case .local:
                unsafe header?.pointee.rtm_type = UInt8(RTN_LOCAL)
                unsafe header?.pointee.rtm_scope = UInt8(RT_SCOPE_HOST.rawValue)
            }
            unsafe Self.put(message, UInt16(RTA_DST.rawValue), destination.address)
            if let gateway { unsafe Self.put(message, UInt16(RTA_GATEWAY.rawValue), gateway) }
            unsafe mnl_attr_put_u32(message, UInt16(RTA_OIF.rawValue), index)
            return unsafe message
        }
    }

    /// Returns whether packets to the address stay on this host, by the current routes.
    ///
    /// An IPv6 address that was just added isn't local yet.
    package static func isLocal(_ address: IPAddress) throws(NetlinkError) -> Bool {
        var isLocal = false
        do throws(NetlinkError) {
            try unsafe MnlSocket(.route).request { memory in
                let message = unsafe RouteMessage.begin(
                    memory, RTM_GETROUTE, flags: 0, headerSize: MemoryLayout<rtmsg>.size)
                let header = unsafe mnl_nlmsg_get_payload(message)?.assumingMemoryBound(
                    to: rtmsg.self)
                unsafe header?.pointee.rtm_family = UInt8(
                    address.family == .ipv4 ? AF_INET : AF_INET6)
                unsafe header?.pointee.rtm_dst_len = UInt8(address.bytes.count * 8)
                unsafe Self.put(message, UInt16(RTA_DST.rawValue), address)
                return unsafe message
            } receive: { message in
                guard let payload = unsafe mnl_nlmsg_get_payload(message) else { return }
                isLocal = unsafe payload.load(as: rtmsg.self).rtm_type == UInt8(RTN_LOCAL)
            }
        } catch {
            guard error.code == ENETUNREACH || error.code == EHOSTUNREACH else { throw error }
        }
        return isLocal
    }

    private static func put(
        _ message: UnsafeMutablePointer<nlmsghdr>, _ type: UInt16, _ address: IPAddress
    ) {
        unsafe address.bytes.withUnsafeBytes { bytes in
            unsafe mnl_attr_put(message, type, bytes.count, bytes.baseAddress)
        }
    }
}
