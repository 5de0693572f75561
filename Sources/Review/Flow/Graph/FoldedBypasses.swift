import RuleIR

extension FlowLane {
    /// The lane with neighbouring bypasses as one row each.
    ///
    /// A packet that meets none of them goes on to the next row, so nothing else changes.
    var withBypassesFolded: FlowLane {
        let passing = Set(nodes.filter { $0.kind == .end(.notRedirected) }.map(\.id))
        var lane = self
        for index in lane.nodes.indices {
            lane.nodes[index].rows = FlowRow.folding(nodes[index].rows) { row in
                row.effect == nil && row.target.map(passing.contains) == true
            }
        }
        return lane
    }
}

extension FlowRow {
    /// Joins neighbouring rows that are bypasses.
    fileprivate static func folding(
        _ rows: [FlowRow], _ isBypass: (FlowRow) -> Bool
    ) -> [FlowRow] {
        var runs: [[FlowRow]] = []
        for row in rows {
            if let last = runs.last?.last, isBypass(last), isBypass(row) {
                runs[runs.count - 1].append(row)
            } else {
                runs.append([row])
            }
        }
        return runs.compactMap { run in
            guard let first = run.first, let last = run.last, run.count > 1 else {
                return run.first
            }
            var row = first
            row.numbers = first.numbers.lowerBound...last.numbers.upperBound
            row.condition = "any of \(run.count) bypasses"
            row.folded = run
            return row
        }
    }
}
