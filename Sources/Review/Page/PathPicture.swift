import RuleIR

/// The picture of one hook in the page: its rows are links to the rules, and a question marks the
/// path of its packet.
///
/// The script finds nodes, rows and arrows by their `data` attributes (path.js).
struct PathPicture {
    private let lane: FlowLane
    private let shape: NodeBox.Shape
    private let layout: LaneLayout

    init(_ lane: FlowLane, _ shape: NodeBox.Shape) {
        self.lane = lane
        self.shape = shape
        layout = LaneLayout(lane, shape)
    }

    var html: HTML {
        let id = "flow-\(lane.hook.rawValue)-\(shape.rawValue)"
        let size = (width: number(layout.width + 2), height: number(layout.height + 2))
        let ends = lane.ends.map(\.title).joined(separator: "; ")
        return """
            <svg xmlns="http://www.w3.org/2000/svg" class="flow \(shape.rawValue)" role="group" \
            aria-labelledby="\(id)-title" aria-describedby="\(id)-desc" data-hook="\(lane.hook.rawValue)" \
            viewBox="0 0 \(size.width) \(size.height)" width="\(size.width)" height="\(size.height)">
            <title id="\(id)-title">\(lane.title): the path of a packet</title>
            <desc id="\(id)-desc">Packets can end here: \(ends).</desc>
            <g transform="translate(1 1)">
            \(layout.rails.map { HTML(lines: SVGText.rail($0, layout.boxWidth)) })
            \(layout.boxes.map(node))
            \(layout.rails.flatMap { rail in rail.ways.map { way($0, on: rail) } })
            \(layout.boxes.compactMap(straightWay))
            </g>
            </svg>
            """
    }

    private func node(_ box: LaneLayout.Box) -> HTML {
        let node = box.content.node
        let list = node.list.map { "\($0)" } ?? ""
        let rows = box.content.rows.indices.map { row(box, $0) }
        return """
            <g class="node" data-node="\(node.id)" data-list="\(list)" data-next="\(node.otherwise ?? "")">
            \(HTML(lines: SVGText.frame(box) + SVGText.lines(of: box, row: nil)))
            \(rows)
            \(HTML(lines: SVGText.arrow(box)))</g>
            """
    }

    private func row(_ box: LaneLayout.Box, _ index: Int) -> HTML {
        let space = box.content.rows[index]
        let lines = HTML(lines: SVGText.lines(of: box, row: index))
        let area: HTML = """
            <rect class="area" x="2" y="\(number(box.top + space.top + 2))" rx="3" \
            width="\(number(layout.boxWidth - 4))" height="\(number(space.bottom - space.top - 3))"/>
            """
        guard let row = space.row, let list = box.content.node.list else {
            return "<g class=\"row\" data-number=\"0\">\(area)\(lines)</g>"
        }
        return """
            <a class="row" href="#\(RuleAnchor.of(list, row.numbers.lowerBound))" \
            data-number="\(row.numbers.lowerBound)" data-last="\(row.numbers.upperBound)" \
            data-target="\(row.target ?? "")">\(area)\(lines)</a>
            """
    }

    /// Returns one row's part of a rail, which is shown for a packet that takes it.
    private func way(_ way: LaneLayout.Way, on rail: LaneLayout.Rail) -> HTML {
        """
        <path class="way \(rail.target.style.rawValue)" data-way="\(way.node):\(way.number)" \
        d="M\(number(layout.boxWidth)) \(number(way.y))H\(number(rail.x))V\(number(rail.end))\
        H\(number(layout.boxWidth + 7))"/>
        """
    }

    private func straightWay(_ box: LaneLayout.Box) -> HTML? {
        guard box.arrow != nil else { return nil }
        let tip = box.bottom + LaneLayout.arrowGap
        return """
            <path class="way" data-way="\(box.content.node.id):0" \
            d="M24 \(number(box.bottom))V\(number(tip - 7))"/>
            """
    }

    private func number(_ value: Double) -> String { SVGText.number(value) }
}

/// The identifiers of lists and rules in the page, to which its pictures link.
enum RuleAnchor {
    static func of(_ list: RuleLocation.List) -> String {
        "list-" + list.description.map { $0 == " " ? "-" : "\($0)" }.joined()
    }

    static func of(_ list: RuleLocation.List, _ number: Int) -> String {
        "\(of(list))-\(number)"
    }
}
