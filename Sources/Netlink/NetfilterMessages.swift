import CMnl
import Glibc

/// Consecutive nfnetlink messages for `MnlSocket.send`.
struct NetfilterMessages {
    private(set) var words: [UInt32] = []

    /// Adds a message of at most 1 KiB; `attributes` writes its attributes.
    mutating func add(
        _ type: Int, flags: Int32, family: Int32 = AF_UNSPEC, resource: UInt16 = 0,
        number: UInt32, _ attributes: (UnsafeMutablePointer<nlmsghdr>) -> Void = { _ in }
    ) {
        words += unsafe MessageMemory.written(in: 1024) { memory in
            let message =
                unsafe mnl_nlmsg_put_header(memory)
                ?? memory.assumingMemoryBound(to: nlmsghdr.self)
            unsafe message.pointee.nlmsg_type = UInt16(type)
            unsafe message.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | flags)
            unsafe message.pointee.nlmsg_seq = number
            let extra = unsafe mnl_nlmsg_put_extra_header(message, MemoryLayout<nfgenmsg>.size)
            let header = unsafe extra?.assumingMemoryBound(to: nfgenmsg.self)
            unsafe header?.pointee.nfgen_family = UInt8(family)
            unsafe header?.pointee.version = UInt8(NFNETLINK_V0)
            unsafe header?.pointee.res_id = resource.bigEndian
            unsafe attributes(message)
            return unsafe message
        }
    }
}

/// Writes an attribute that consists of attributes.
func nest(
    _ message: UnsafeMutablePointer<nlmsghdr>, _ name: some RawRepresentable<UInt32>,
    _ body: () -> Void
) {
    let start = unsafe mnl_attr_nest_start(message, UInt16(name.rawValue))
    body()
    unsafe mnl_attr_nest_end(message, start)
}
