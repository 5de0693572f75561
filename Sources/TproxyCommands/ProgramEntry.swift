import CNI
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
    let name = arguments.first?.split(separator: "/").last ?? ""
    // The container image has one program under both names.
    if name == PluginProgram.name { PluginProgram.run() }
    TproxyCommand.runProgram(Array(arguments.dropFirst()), isKumactl: name == "kumactl")
}
