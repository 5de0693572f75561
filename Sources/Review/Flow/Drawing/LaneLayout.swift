/// The picture of one hook: boxes in a column, and arrows in rails to the right of it.
///
/// A node stands above every node that it leads to, so all arrows lead down. No arrow crosses text:
/// it runs between two boxes or beside them.
struct LaneLayout {
    struct Box {
        var content: NodeBox
        var top: Double
        /// The label of the straight arrow to the box below; nil for no arrow.
        var arrow: String?

        var bottom: Double { top + content.height }
    }

    /// All arrows to one node, from the rows that lead to it.
    struct Rail {
        var target: FlowNode
        var x: Double
        /// The rows that join the rail, from the top.
        var ways: [Way]
        var end: Double

        /// The heights at which rows join the rail.
        var joins: [Double] { ways.map(\.y) }
    }

    /// A row from which an arrow leaves.
    struct Way {
        var node: String
        /// The number of the row's first rule; 0 for packets that no rule matches.
        var number: Int
        var y: Double
    }

    static let gap = 14.0
    static let arrowGap = 30.0
    private static let railDistance = 10.0

    let boxWidth: Double
    let boxes: [Box]
    let rails: [Rail]
    let width: Double
    let height: Double

    init(_ lane: FlowLane, _ shape: NodeBox.Shape = .narrow) {
        boxWidth = shape.boxWidth
        let titles = Dictionary(uniqueKeysWithValues: lane.nodes.map { ($0.id, $0.name) })
        var boxes: [Box] = []
        var top = 0.0
        for (index, node) in lane.nodes.enumerated() {
            let next = index + 1 < lane.nodes.count ? lane.nodes[index + 1].id : nil
            let isBelow = next != nil && node.otherwise == next
            let box = Box(
                content: NodeBox(node, titles: titles, next: next, shape), top: top,
                arrow: isBelow ? (node.rows.isEmpty ? "" : "otherwise") : nil)
            boxes.append(box)
            top = box.bottom + (isBelow ? Self.arrowGap : Self.gap)
        }
        self.boxes = boxes
        rails = Self.rails(boxes, beside: boxWidth)
        width = rails.map(\.x).reduce(boxWidth, max) + Self.railDistance
        height = boxes.last?.bottom ?? 0
    }

    /// Returns a rail for each target; two rails share a position if one ends above the other.
    private static func rails(_ boxes: [Box], beside width: Double) -> [Rail] {
        var rails: [Rail] = []
        /// The height at which each position becomes free.
        var free: [Double] = []
        let wanted = boxes.map { box in
            let ways = boxes.flatMap { other in
                other.content.exits.filter { $0.target == box.content.node.id }.map {
                    Way(node: other.content.node.id, number: $0.number, y: other.top + $0.y)
                }
            }
            return (box: box, ways: ways)
        }
        for (box, ways) in wanted.filter({ !$0.ways.isEmpty }).sorted(by: Self.endsEarlier) {
            let start = ways[0].y
            let place = free.firstIndex { $0 < start } ?? free.count
            if place == free.count { free.append(0) }
            let end = box.top + NodeBox.entry
            free[place] = end
            rails.append(
                Rail(
                    target: box.content.node,
                    x: width + 14 + Double(place) * railDistance, ways: ways, end: end))
        }
        return rails
    }

    private static func endsEarlier(
        _ left: (box: Box, ways: [Way]), _ right: (box: Box, ways: [Way])
    ) -> Bool { left.ways[0].y < right.ways[0].y }
}
