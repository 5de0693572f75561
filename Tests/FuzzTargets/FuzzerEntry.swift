import Glibc
import Synchronization

// What Tests/FuzzRunner calls; nothing else does.

private let chosen = Mutex<FuzzTarget?>(nil)

/// Chooses the fuzzer; 0 if there is none of the name.
@_cdecl("tproxy_fuzz_choose")
public func chooseFuzzer(_ name: UnsafePointer<CChar>) -> Int32 {
    let target = FuzzTarget.named(unsafe String(cString: name))
    chosen.withLock { $0 = target }
    return target == nil ? 0 : 1
}

/// Gives the fuzzer an input; 0 if a promise is broken, which is then said.
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
