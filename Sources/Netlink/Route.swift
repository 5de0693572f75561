package import Addressing
import CMnl
import Glibc

/// Routes of the calling thread's network namespace.
package struct Route: Sendable {
    /// What happens to packets that the route is for.
    package enum Kind: Sendable {
        /// They are sent to a neighbour on the interface: the gateway, or the destination itself.
        case unicast(gateway: IPAddress?)
        /// They are this host's own.
        case local
    }

    /// The routing table that the kernel asks first, and the ordinary one.
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

    /// Adds the route, in the place of one to the same destination.
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

    /// Whether packets to the address stay here, as the kernel's routes have it now.
    ///
    /// An IPv6 address that was added just now isn't the host's own yet.
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
