import FaultPoints

/// docs/faults.md.
struct FaultTable {
    private var sections: [(name: String, outcomes: [FaultOutcome])] = []

    mutating func add(_ scenario: FaultScenario, _ outcomes: [FaultOutcome]) {
        sections.append((scenario.name, outcomes))
    }

    var text: String {
        let all = sections.flatMap(\.outcomes)
        let passed = Set(all.map(\.step))
        let missed = SystemStep.allCases.map { "\($0)" }.filter { !passed.contains($0) }
        return """
            # Faults

            The outcome of each fault that `make faults` tried; `make faults` writes this file.
            [reliability.md](reliability.md) describes the test and the states in between. The next run finished each
            of them.

            | command | faults | as before | done | in between |
            |---|---|---|---|---|
            \(sections.map { row($0.name, $0.outcomes) }.joined(separator: "\n"))
            \(row("all", all))

            \(missed.isEmpty ? "" : "No command reaches these steps: \(missed.joined(separator: ", ")).\n\n")\
            \(sections.map { section($0.name, $0.outcomes) }.joined(separator: "\n"))
            """
    }

    private func section(_ name: String, _ outcomes: [FaultOutcome]) -> String {
        let steps = SystemStep.allCases.map { "\($0)" }
        let rows = steps.compactMap { step -> String? in
            let own = outcomes.filter { $0.step == step }
            return own.isEmpty ? nil : row("`\(step)`", own)
        }
        return """
            ## \(name)

            | step | faults | as before | done | in between |
            |---|---|---|---|---|
            \(rows.joined(separator: "\n"))

            """
    }

    /// A row with the number of outcomes in each state, and how many of them were kills.
    private func row(_ title: String, _ outcomes: [FaultOutcome]) -> String {
        let cells = [FaultOutcome.State.old, .new, .between].map { state in
            let own = outcomes.filter { $0.state == state }
            let kills = own.filter(\.isKill).count
            guard !own.isEmpty else { return "" }
            return kills == 0 ? "\(own.count)" : "\(own.count) (\(kills) killed)"
        }
        return "| \(title) | \(outcomes.count) | \(cells.joined(separator: " | ")) |"
    }
}
