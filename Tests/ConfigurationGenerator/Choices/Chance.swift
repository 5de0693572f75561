extension ConfigurationGenerator {
    typealias Entry = GeneratedConfiguration.Entry

    /// True in `percent` of 100 cases.
    mutating func chance(_ percent: Int) -> Bool { number(0...99) < percent }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &random)
    }

    /// One of some values, which must not be empty.
    mutating func one<Value>(of values: [Value]) -> Value { values[number(0...values.count - 1)] }

    mutating func bool() -> String { chance(50) ? "true" : "false" }

    mutating func scalar(
        _ path: String, _ percent: Int, _ make: (inout ConfigurationGenerator) -> String
    ) -> Entry? {
        chance(percent) ? Entry(path, .scalar(make(&self))) : nil
    }

    mutating func list(
        _ path: String, _ percent: Int, _ make: (inout ConfigurationGenerator) -> String
    ) -> Entry? {
        list(path, percent, (0..<length()).map { _ in make(&self) })
    }

    mutating func list(_ path: String, _ percent: Int, _ items: [String]) -> Entry? {
        chance(percent) ? Entry(path, .list(items)) : nil
    }

    /// The length of a list: mostly short, and sometimes near a limit such as the 15 ports of
    /// iptables' multiport.
    mutating func length() -> Int {
        switch number(0...99) {
        case 0..<4: 0
        case 4..<75: number(1...4)
        case 75..<90: number(5...13)
        case 90..<97: number(14...17)
        case _: number(30...70)
        }
    }
}
