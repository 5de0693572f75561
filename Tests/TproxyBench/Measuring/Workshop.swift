import Glibc

/// A folder for the files of one run, and a runner of programs in it.
final class Workshop {
    let folder: String
    /// The most seconds that programs in a row may take.
    let limit: Double

    init(limit: Double) throws(BenchError) {
        // mkdtemp(3) replaces six of them.
        let name = "/tmp/tproxy-bench-" + String(repeating: "X", count: 6)
        var template = Array(name.utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw .system(step: "making a folder in /tmp", reason: BenchError.lastReason)
        }
        folder = String(
            decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.limit = limit
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Removes the folder, which has no subfolders.
    func remove() {
        guard let listing = unsafe opendir(folder) else { return }
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            unsafe unlink(path(name))
        }
        unsafe closedir(listing)
        unsafe rmdir(folder)
    }

    /// Runs programs one after the other; returns nil if they were stopped at the time limit.
    func measure(_ calls: [ProgramCall]) throws(BenchError) -> Cost? {
        var total = Cost.nothing
        for call in calls {
            let run = try ProgramRun(call, errors: path("errors"), limit: limit - total.wall)
            switch run.ending {
            case .exited(0): total = total + run.cost
            case .stopped: return nil
            case .exited(let code): throw failure(call, "ended with \(code)")
            case .killed(let signal): throw failure(call, "was ended by signal \(signal)")
            }
        }
        return total
    }

    /// Runs a program that isn't measured and must succeed.
    func run(_ call: ProgramCall) throws(BenchError) {
        guard try measure([call]) != nil else { throw failure(call, "took too long") }
    }

    private func failure(_ call: ProgramCall, _ ending: String) -> BenchError {
        let errors = (try? TextFile.read(path("errors"))) ?? ""
        return .failed(command: call.text, ending: ending, errors: String(errors.prefix(2000)))
    }
}
