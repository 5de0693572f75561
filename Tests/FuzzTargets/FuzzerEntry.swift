import Glibc
import Synchronization

// The functions that Tests/FuzzRunner calls.

private let chosen = Mutex<FuzzTarget?>(nil)

/// Selects the fuzzer; returns 0 if none has the name.
@_cdecl("tproxy_fuzz_choose")
public func chooseFuzzer(_ name: UnsafePointer<CChar>) -> Int32 {
    let target = FuzzTarget.named(unsafe String(cString: name))
    chosen.withLock { $0 = target }
    return target == nil ? 0 : 1
}

/// Passes an input to the fuzzer; returns 0 if it violates an invariant, which is printed.
@_cdecl("tproxy_fuzz_check")
public func checkInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> Int32 {
    let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
    do {
        try chosen.withLock(\.self)?.check(bytes)
        return 1
    } catch {
        let words = Array("violated invariant: \(error)\n".utf8)
        _ = unsafe write(STDERR_FILENO, words, words.count)
        return 0
    }
}
