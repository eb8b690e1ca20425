import TerminalUI

/// The composition as frames and names, where the terminal shows no pictures.
enum ComposeSchematic {
    /// A cell is about twice as high as it is wide.
    private static let cellRatio = 2.0

    /// - Returns: the cells that stand for the canvas.
    static func draw(_ compose: ComposeState, into scene: inout Scene, area: Rect) -> Rect {
        let canvas = fit(compose.scene.canvas, in: area)
        guard canvas.columns > 4, canvas.rows > 2 else { return canvas }
        scene.panel(canvas, title: compose.scene.background.title)
        for piece in compose.scene.pieces where compose.problem(of: piece) == nil {
            let box = compose.preview?.boxes[piece.id] ?? compose.scene.bounds(of: piece)
            draw(piece, box, isSelected: piece.id == compose.selected, &scene, canvas)
        }
        return canvas
    }

    private static func fit(_ area: PixelArea, in rect: Rect) -> Rect {
        let ratio = area.ratio * cellRatio
        let columns = min(rect.columns, Int((Double(rect.rows) * ratio).rounded()))
        let rows = min(rect.rows, Int((Double(columns) / ratio).rounded()))
        return rect.centred(Size(columns: columns, rows: rows))
    }

    private static func draw(
        _ piece: ComposePiece, _ box: CanvasBox, isSelected: Bool, _ scene: inout Scene,
        _ canvas: Rect
    ) {
        let cells = PixelArea(width: canvas.columns, height: canvas.rows)
        let edges = box.pixels(cells)
        let rect = Rect(
            x: canvas.x + edges[0], y: canvas.y + edges[1], columns: max(3, edges[2] - edges[0]),
            rows: max(2, edges[3] - edges[1])
        ).intersection(canvas)
        guard rect.columns >= 3, rect.rows >= 2 else { return }
        let inside = scene.panel(rect, isFocused: isSelected)
        let label = "\(piece.slot + 1) \(piece.name)"
        if inside.rows > 0 {
            scene.write(
                label, x: inside.x, y: inside.y + inside.rows / 2,
                style: scene.theme.concept(piece.slot), columns: inside.columns)
        } else {
            scene.write(
                label, x: rect.x + 1, y: rect.y, style: scene.theme.concept(piece.slot),
                columns: rect.columns - 2)
        }
    }
}
