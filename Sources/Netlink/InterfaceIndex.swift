import Addressing
import FaultPoints
import Glibc

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
