import Glibc

/// Runs the program with the arguments that `main` passes.
///
/// Bytes of an argument that aren't UTF-8 are replaced: no key, path or name of ours has them.
@c(tproxy_run)
public func runProgram(
    _ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Never {
    var arguments: [String] = []
    // The first argument is the program's name. A caller may omit even that.
    for index in stride(from: 1, to: Int(count), by: 1) {
        guard let word = unsafe words?[index] else { break }
        arguments.append(unsafe String(cString: word))
    }
    TproxyCommand.runProgram(arguments)
}
