import Glibc

/// Runs the program with the arguments of `main`, which calls it.
///
/// An argument that isn't UTF-8 is repaired: no key, path or name of ours has such a value.
@c(tproxy_run)
public func runProgram(
    _ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Never {
    var arguments: [String] = []
    // The first is the program's own name. A caller may leave out even that.
    for index in stride(from: 1, to: Int(count), by: 1) {
        guard let word = unsafe words?[index] else { break }
        arguments.append(unsafe String(cString: word))
    }
    TproxyCommand.runProgram(arguments)
}
