import CCurl
package import Glibc

/// HTTP requests to the API server, any number of them at a time, on the calling thread (libcurl).
@safe
package final class APITransfers {
    package struct Request: Sendable {
        package var url: String
        /// The method; GET by default.
        package var method: String?
        package var body: String?
        package var headers: [String]
        package var authorities: String?
        package var timeout: Duration
    }

    /// How a request has ended.
    package enum Outcome: Sendable {
        /// There is an answer with this HTTP status.
        case answered(Int)
        /// There is no answer, or only a part of one.
        case failed(reason: String)
    }

    /// libcurl can't be loaded on this host.
    package struct Unavailable: Error {
        package let reason: String
        package static var library: String { unsafe String(cString: ccurl_library) }
    }

    /// The time to connect.
    private static let connectTimeout = 10_000

    private let set: UnsafeMutableRawPointer
    private var running: [UnsafeMutableRawPointer: Transfer] = unsafe [:]

    package init() throws(Unavailable) {
        if let reason = unsafe ccurl_load() {
            throw Unavailable(reason: unsafe String(cString: reason))
        }
        guard let set = unsafe ccurl_make() else { throw Unavailable(reason: "no memory") }
        unsafe self.set = set
    }

    deinit {
        unsafe running.keys.forEach { unsafe ccurl_stop(set, $0) }
        unsafe ccurl_free(set)
    }

    /// Starts a request.
    ///
    /// `receive` gets each part of the answer's body, and ends the request by returning false. `end`
    /// is called once, by `finish`.
    package func start(
        _ request: Request, receive: @escaping ([UInt8]) -> Bool,
        end: @escaping (Outcome) -> Void
    ) {
        let transfer = Transfer(receive: receive, end: end)
        // The set keeps the object for as long as libcurl may call it.
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        let handle = unsafe Self.withPointers(to: request) { request in
            unsafe ccurl_start(
                set, request,
                { context, bytes, count in
                    guard let context = unsafe context else { return 0 }
                    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context)
                        .takeUnretainedValue()
                    let part = unsafe UnsafeBufferPointer(start: bytes, count: count)
                    return transfer.receive(unsafe Array(part)) ? count : 0
                }, context)
        }
        guard let handle = unsafe handle else {
            return end(.failed(reason: "the request can't be started"))
        }
        unsafe running[handle] = transfer
    }

    /// Waits until a request or a descriptor is ready, and continues the requests.
    package func wait(for descriptors: inout [pollfd], timeout: Duration) {
        let (seconds, attoseconds) = timeout.components
        let milliseconds = min(max(seconds, 0), 3600) * 1000 + attoseconds / 1_000_000_000_000_000
        let count = UInt32(descriptors.count)
        unsafe descriptors.withUnsafeMutableBufferPointer {
            unsafe ccurl_wait(set, $0.baseAddress, count, Int32(clamping: max(0, milliseconds)))
        }
        unsafe ccurl_perform(set)
    }

    /// Continues the requests without waiting, and calls `end` of those that have ended.
    package func finish() {
        unsafe ccurl_perform(set)
        var reason = [CChar](repeating: 0, count: 256)
        while true {
            var handle: UnsafeMutableRawPointer?
            var code: Int32 = 0
            var status = 0
            guard unsafe ccurl_next(set, &handle, &code, &status, &reason),
                let ended = unsafe handle
            else { return }
            let transfer = unsafe running.removeValue(forKey: ended)
            unsafe ccurl_stop(set, ended)
            let text = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            transfer?.end(
                code == 0
                    ? .answered(status) : .failed(reason: String(decoding: text, as: UTF8.self)))
        }
    }

    /// A request that is running.
    private final class Transfer {
        let receive: ([UInt8]) -> Bool
        let end: (Outcome) -> Void

        init(
            receive: @escaping ([UInt8]) -> Bool, end: @escaping (Outcome) -> Void
        ) {
            self.receive = receive
            self.end = end
        }
    }

    private static func withPointers<Result>(
        to request: Request, _ body: (UnsafePointer<ccurl_request>) -> Result
    ) -> Result {
        let texts = unsafe [request.url, request.method, request.body, request.authorities].map {
            unsafe $0.map { unsafe strdup($0) } ?? nil
        }
        var headers = unsafe request.headers.map { unsafe UnsafePointer(strdup($0)) }
        unsafe headers.append(nil)
        defer {
            unsafe texts.forEach { unsafe free($0) }
            unsafe headers.forEach { unsafe free(UnsafeMutablePointer(mutating: $0)) }
        }
        let (seconds, _) = request.timeout.components
        return unsafe headers.withUnsafeBufferPointer { lines in
            var plain = unsafe ccurl_request()
            unsafe plain.url = UnsafePointer(texts[0])
            unsafe plain.method = UnsafePointer(texts[1])
            unsafe plain.body = UnsafePointer(texts[2])
            unsafe plain.ca_file = UnsafePointer(texts[3])
            unsafe plain.headers = lines.baseAddress
            unsafe plain.connect_timeout = connectTimeout
            unsafe plain.timeout = Int(seconds) * 1000
            return unsafe withUnsafePointer(to: plain) { unsafe body($0) }
        }
    }
}
