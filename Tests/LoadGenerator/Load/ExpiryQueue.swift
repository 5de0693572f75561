/// The expiry of attempts, in the order of their start; all have the same timeout.
struct ExpiryQueue {
    struct Entry {
        var place: Int
        var serial: UInt64
        var time: Clock.Time
    }

    private var entries: [Entry] = []
    private var first = 0

    /// When the first one expires.
    var next: Clock.Time? { first < entries.count ? entries[first].time : nil }

    mutating func add(_ place: Int, _ serial: UInt64, at time: Clock.Time) {
        entries.append(Entry(place: place, serial: serial, time: time))
    }

    mutating func removeFirst(before time: Clock.Time) -> Entry? {
        guard first < entries.count, entries[first].time < time else { return nil }
        defer {
            first += 1
            if first == 4096 {
                entries.removeFirst(first)
                first = 0
            }
        }
        return entries[first]
    }
}
