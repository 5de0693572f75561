import Glibc

/// Runs the program with the arguments that `main` passes, of which the first is its name.
///
/// Bytes of an argument that aren't UTF-8 are replaced: no key, path or name of ours has them.
@c(tproxy_run)
public func runProgram(
    _ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Never {
    var arguments: [String] = []
    for index in stride(from: 0, to: Int(count), by: 1) {
        guard let word = unsafe words?[index] else { break }
        arguments.append(unsafe String(cString: word))
    }
    // A caller may omit even the name.
    let path = arguments.first ?? ""
    TproxyCommand.runProgram(
        Array(arguments.dropFirst()), isKumactl: path.split(separator: "/").last == "kumactl")
}
