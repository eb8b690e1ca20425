import TerminalUI

/// The picture being composed, and beside it the pieces with their numbers.
enum ComposeView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let side = min(48, max(27, area.columns * 30 / 100))
        let (left, right) = area.split(right: side)
        drawCanvas(state, &scene, left)
        ComposePane.draw(state, into: &scene, area: right)
    }

    private static func drawCanvas(_ state: AppState, _ scene: inout Scene, _ area: Rect) {
        let compose = state.compose
        let inside = scene.panel(
            area, title: "Picture", note: compose.scene.canvas.text, isFocused: true)
        scene.frame.cursor = inside.origin
        guard compose.scene != ComposeScene() else {
            drawEmpty(state, &scene, inside)
            return
        }
        if state.terminal.pictures.method == .card {
            let rect = ComposeSchematic.draw(compose, into: &scene, area: inside)
            addRegion(&scene, rect)
            return
        }
        guard let preview = compose.preview else { return }
        let request = PictureRequest(
            source: .pixels(id: "compose-\(preview.revision)", preview.image),
            box: inside.size, marks: marks(compose, preview), priority: 0, magnification: 3,
            label: "the composed picture", slot: "compose")
        if let rect = scene.picture(request, in: inside) { addRegion(&scene, rect) }
    }

    private static func drawEmpty(_ state: AppState, _ scene: inout Scene, _ area: Rect) {
        guard !state.library.concepts.isEmpty else {
            scene.emptyState(
                "No concepts to place yet",
                [
                    "Press 1 and add some with their pictures. Cut-outs with a transparent"
                        + " background look best here."
                ], in: area)
            return
        }
        let key = KeyHint(state, scene.symbols)
        scene.emptyState(
            "Compose a query picture",
            [
                "Press \(key("compose.add")) to place a concept, up to four of them.",
                "Press \(key("compose.background")) to choose what stands behind them.",
                "Press \(key("compose.ask")) to ask about the picture when it is done.",
            ], in: area)
    }

    /// A frame around the selected piece, where the preview shows it.
    private static func marks(_ compose: ComposeState, _ preview: ComposePreview) -> [PictureMark] {
        guard let piece = compose.selectedPiece, let box = preview.boxes[piece.id] else {
            return []
        }
        return [
            PictureMark(
                kind: .outline(colour: piece.slot), x: box.x, y: box.y, width: box.width,
                height: box.height)
        ]
    }

    /// The mouse: a click selects, dragging moves, the wheel scales.
    private static func addRegion(_ scene: inout Scene, _ rect: Rect) {
        guard !rect.isEmpty else { return }
        let (columns, rows) = (Double(rect.columns), Double(rect.rows))
        scene.region(
            rect,
            scroll: { direction in
                .compose(
                    .edit(
                        .scale(direction < 0 ? ComposeEdit.growth : 1 / ComposeEdit.growth)))
            },
            drag: { phase, point in
                .compose(
                    .drag(
                        phase, x: (Double(point.x) + 0.5) / columns,
                        y: (Double(point.y) + 0.5) / rows))
            })
    }
}

/// Says with which key a command is run now.
struct KeyHint {
    private let state: AppState
    private let symbols: Symbols

    init(_ state: AppState, _ symbols: Symbols) {
        self.state = state
        self.symbols = symbols
    }

    func callAsFunction(_ id: CommandID) -> String {
        let keys = state.keymap.keys(of: id).first
        return keys?.display(ascii: symbols.isASCII) ?? "(no key)"
    }

    /// The first keys of several commands, one after the other.
    func all(_ ids: CommandID...) -> String { ids.map { self($0) }.joined(separator: " ") }
}
