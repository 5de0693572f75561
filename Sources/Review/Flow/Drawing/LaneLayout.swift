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
        /// The heights at which rows join the rail, from the top.
        var joins: [Double]
        var end: Double
    }

    static let gap = 14.0
    static let arrowGap = 30.0
    private static let railDistance = 10.0

    let boxes: [Box]
    let rails: [Rail]
    let width: Double
    let height: Double

    init(_ lane: FlowLane) {
        let titles = Dictionary(uniqueKeysWithValues: lane.nodes.map { ($0.id, $0.title) })
        var boxes: [Box] = []
        var top = 0.0
        for (index, node) in lane.nodes.enumerated() {
            let next = index + 1 < lane.nodes.count ? lane.nodes[index + 1].id : nil
            let isBelow = next != nil && node.otherwise == next
            let box = Box(
                content: NodeBox(node, titles: titles, next: next), top: top,
                arrow: isBelow ? (node.rows.isEmpty ? "" : "otherwise") : nil)
            boxes.append(box)
            top = box.bottom + (isBelow ? Self.arrowGap : Self.gap)
        }
        self.boxes = boxes
        rails = Self.rails(boxes)
        width = rails.map(\.x).reduce(NodeBox.width, max) + Self.railDistance
        height = boxes.last?.bottom ?? 0
    }

    /// Returns a rail for each target; two rails share a position if one ends above the other.
    private static func rails(_ boxes: [Box]) -> [Rail] {
        var rails: [Rail] = []
        /// The height at which each position becomes free.
        var free: [Double] = []
        let wanted = boxes.map { box in
            let joins = boxes.flatMap { other in
                other.content.exits.filter { $0.target == box.content.node.id }
                    .map { other.top + $0.y }
            }
            return (box: box, joins: joins)
        }
        for (box, joins) in wanted.filter({ !$0.joins.isEmpty }).sorted(by: Self.endsEarlier) {
            let start = joins[0]
            let place = free.firstIndex { $0 < start } ?? free.count
            if place == free.count { free.append(0) }
            let end = box.top + NodeBox.entry
            free[place] = end
            rails.append(
                Rail(
                    target: box.content.node,
                    x: NodeBox.width + 14 + Double(place) * railDistance, joins: joins, end: end))
        }
        return rails
    }

    private static func endsEarlier(
        _ left: (box: Box, joins: [Double]), _ right: (box: Box, joins: [Double])
    ) -> Bool { left.joins[0] < right.joins[0] }
}
