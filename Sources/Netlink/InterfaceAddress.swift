package import Addressing
import CMnl
import FaultPoints
import Glibc

/// Addresses of interfaces in the calling thread's network namespace.
package enum InterfaceAddress {
    /// Adds `prefix` to `interface`; returns false if it already existed.
    ///
    /// IPv6 addresses are usable at once, without duplicate address detection (IFA_F_NODAD): they
    /// are added to interfaces whose neighbours are known.
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

    /// The lifetime and the metric of an address.
    package struct Standing: Hashable, Sendable {
        /// Whether the address never expires (IFA_F_PERMANENT).
        package var isPermanent: Bool
        /// The metric of the address's prefix route (IFA_RT_PRIORITY); 0 for the kernel's default.
        package var metric: UInt32
    }

    /// Adds `prefix` for one minute, or renews the minute of an address that expires.
    ///
    /// The kernel stores `metric` and reports it with the address. Returns the former standing; nil
    /// if the address is new. An address that doesn't expire is left unchanged.
    package static func addTemporarily(
        _ prefix: IPPrefix, to interface: InterfaceName, metric: UInt32
    ) throws(NetlinkError) -> Standing? {
        do {
            try change(
                RTM_NEWADDR, flags: NLM_F_CREATE | NLM_F_EXCL, prefix, prefix.address,
                on: interface, seconds: 60, metric: metric)
            return nil
        } catch {
            guard error.code == EEXIST else {
                // The kernel may have added the address although its answer was lost.
                if let standing = try? standing(of: prefix, on: interface), !standing.isPermanent {
                    _ = try? remove(prefix, from: interface)
                }
                throw error
            }
            guard let standing = try standing(of: prefix, on: interface), !standing.isPermanent
            else { return try standing(of: prefix, on: interface) }
            try change(
                RTM_NEWADDR, flags: NLM_F_REPLACE, prefix, prefix.address, on: interface,
                seconds: 60, metric: metric)
            return standing
        }
    }

    /// Makes an address permanent, with this metric; adds it if it is missing.
    package static func keep(
        _ prefix: IPPrefix, on interface: InterfaceName, metric: UInt32
    ) throws(NetlinkError) {
        try change(
            RTM_NEWADDR, flags: NLM_F_CREATE | NLM_F_REPLACE, prefix, prefix.address,
            on: interface, seconds: .max, metric: metric)
    }

    /// Returns the standing of the address; nil if the address or the interface doesn't exist.
    package static func standing(
        of prefix: IPPrefix, on interface: InterfaceName
    ) throws(NetlinkError) -> Standing? {
        try all(on: interface, prefix.family).first { $0.prefix == prefix }?.standing
    }

    /// Returns the addresses of one family.
    package static func all(
        on interface: InterfaceName, _ family: AddressFamily
    ) throws(NetlinkError) -> [(prefix: IPPrefix, standing: Standing)] {
        let index: UInt32
        do throws(NetlinkError) {
            index = try interface.index()
        } catch {
            guard error.code == ENODEV else { throw error }
            return []
        }
        var found: [(prefix: IPPrefix, standing: Standing)] = []
        try unsafe MnlSocket(.route).request { memory in
            let message = unsafe mnl_nlmsg_put_header(memory)
            unsafe message?.pointee.nlmsg_type = UInt16(RTM_GETADDR)
            unsafe message?.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_DUMP)
            let extra = unsafe mnl_nlmsg_put_extra_header(message, MemoryLayout<ifaddrmsg>.size)
            unsafe extra?.assumingMemoryBound(to: ifaddrmsg.self).pointee.ifa_family = UInt8(
                family == .ipv4 ? AF_INET : AF_INET6)
            return unsafe message ?? memory.assumingMemoryBound(to: nlmsghdr.self)
        } receive: { message in
            guard let payload = unsafe mnl_nlmsg_get_payload(message) else { return }
            let header = unsafe payload.load(as: ifaddrmsg.self)
            // A kernel without IPv6 answers with addresses of other families.
            guard header.ifa_index == index,
                Int32(header.ifa_family) == (family == .ipv4 ? AF_INET : AF_INET6)
            else { return }
            var address: IPAddress?
            var metric: UInt32 = 0
            // An attribute has length and type, 16 bits each, then the value, padded to 4 bytes.
            let end = unsafe Int(mnl_nlmsg_get_payload_len(message))
            var offset = MemoryLayout<ifaddrmsg>.size
            while offset + 4 <= end {
                let length = unsafe Int(payload.load(fromByteOffset: offset, as: UInt16.self))
                let type = unsafe payload.load(fromByteOffset: offset + 2, as: UInt16.self)
                guard length >= 4, offset + length <= end else { return }
                let value = unsafe UnsafeRawBufferPointer(
                    start: payload + offset + 4, count: length - 4)
                switch Int(type) {
                case IFA_ADDRESS: address = unsafe IPAddress(family: family, bytes: value)
                case IFA_RT_PRIORITY where value.count == 4:
                    metric = unsafe value.loadUnaligned(as: UInt32.self)
                case _: break
                }
                offset += (length + 3) & ~3
            }
            guard let address,
                let prefix = IPPrefix(address, length: Int(header.ifa_prefixlen))
            else { return }
            found.append(
                (
                    prefix,
                    Standing(
                        isPermanent: header.ifa_flags & UInt8(IFA_F_PERMANENT) != 0,
                        metric: metric)
                ))
        }
        return found
    }

    /// Removes `prefix` from `interface`; returns false if it didn't exist.
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
        on interface: InterfaceName, seconds: UInt32? = nil, metric: UInt32? = nil
    ) throws(NetlinkError) {
        let index = try interface.index()
        try systemCall(.addressChange, failing: NetlinkError.refuse) {
            () throws(NetlinkError) in
            try submit(type, flags, prefix, address, index, seconds, metric)
        }
    }

    private static func submit(
        _ type: Int, _ flags: Int32, _ prefix: IPPrefix, _ address: IPAddress, _ index: UInt32,
        _ seconds: UInt32?, _ metric: UInt32?
    ) throws(NetlinkError) {
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
            if let seconds {
                // UInt32.max means forever.
                var lifetime = ifa_cacheinfo(
                    ifa_prefered: seconds, ifa_valid: seconds, cstamp: 0, tstamp: 0)
                unsafe mnl_attr_put(
                    message, UInt16(IFA_CACHEINFO), MemoryLayout<ifa_cacheinfo>.size, &lifetime)
            }
            if let metric {
                unsafe mnl_attr_put_u32(message, UInt16(IFA_RT_PRIORITY), metric)
            }
            return unsafe message ?? memory.assumingMemoryBound(to: nlmsghdr.self)
        }
    }
}
