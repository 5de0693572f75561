/// The times of the processors since the machine started, in ticks of the kernel's clock.
struct ProcessorTimes: Hashable {
    private var idle: Double
    private var all: Double

    /// Reads the text of /proc/stat, proc(5): its first line is for all processors.
    init?(_ text: String) {
        let numbers = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().map {
            Double($0) ?? 0
        }
        // user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user.
        guard numbers.count >= 5 else { return nil }
        idle = numbers[3] + numbers[4]
        all = numbers.prefix(8).reduce(0, +)
    }

    /// The share of time in which the processors worked since then, from 0 to 1.
    func busy(since before: ProcessorTimes) -> Double {
        let time = all - before.all
        return time > 0 ? 1 - (idle - before.idle) / time : 0
    }

    /// How busy the machine is while this program sleeps.
    static func busy(for seconds: Double) throws(BenchError) -> Double {
        let before = ProcessorTimes(try TextFile.read("/proc/stat"))
        Clock.pause(seconds)
        let after = ProcessorTimes(try TextFile.read("/proc/stat"))
        guard let before, let after else { return 0 }
        return after.busy(since: before)
    }
}
