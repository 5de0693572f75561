import CNftables
import FaultPoints
import Rtnetlink

/// A libnftables handle that owns its `nft_ctx` and frees it exactly once.
///
/// It buffers output and errors, so nothing reaches the process's stdout or stderr. Its netlink
/// socket belongs to the network namespace of the thread that made it. It isn't `Sendable`:
/// libnftables keeps parser state in the handle and doesn't lock it.
///
/// The corresponding C type is `struct nft_ctx`.
@safe
struct NftablesContext: ~Copyable {
    /// What libnftables said instead of doing it.
    struct Failure: Error {
        var message: String
    }

    private let handle: OpaquePointer

    init() throws(Failure) {
        // libnftables ends the process when it gets no socket.
        do {
            _ = try MnlSocket(.netfilter)
        } catch {
            throw Failure(message: error.reason)
        }
        let made = unsafe systemCall(.netlinkOpen) { unsafe nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) }
        guard let handle = unsafe made else {
            throw Failure(message: "libnftables can't start")
        }
        guard unsafe nft_ctx_buffer_output(handle) == 0, unsafe nft_ctx_buffer_error(handle) == 0
        else {
            unsafe nft_ctx_free(handle)
            throw Failure(message: "out of memory")
        }
        unsafe self.handle = handle
    }

    deinit {
        unsafe nft_ctx_free(handle)
    }

    /// Runs libnftables JSON and returns what it printed.
    func run(json: String) throws(Failure) -> String {
        // 1.0.6 has no input flag: asking for JSON output makes it read JSON.
        unsafe nft_ctx_output_set_flags(handle, UInt32(NFT_CTX_OUTPUT_JSON))
        return try run(json)
    }

    private func run(_ commands: String) throws(Failure) -> String {
        try outcome(unsafe nft_run_cmd_from_buffer(handle, commands))
    }

    /// What was printed, or why it failed.
    private func outcome(_ status: CInt) throws(Failure) -> String {
        // Both buffers are reused by the next run.
        let output = unsafe nft_ctx_get_output_buffer(handle).map { unsafe String(cString: $0) }
        let errors = unsafe nft_ctx_get_error_buffer(handle).map { unsafe String(cString: $0) }
        guard status == 0 else { throw Failure(message: errors ?? "no reason given") }
        return output ?? ""
    }
}
