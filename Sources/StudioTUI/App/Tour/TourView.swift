import TerminalUI

/// The strip of the tour below the screen; everything above works as always.
enum TourView {
    /// What screens need at least; where less would be left, the strip lies over the screen.
    private static let leastRows = TerminalState.minimum.rows - 3

    /// The cells for the screen and those for the tour, which are none without one.
    static func split(_ state: AppState, _ body: Rect) -> (screen: Rect, strip: Rect) {
        guard let tour = state.tour else { return (body, body.split(bottom: 0).1) }
        let height = min(body.rows, lines(tour, state, columns: body.columns).count + 2)
        let (rest, strip) = body.split(bottom: height)
        return (rest.rows < leastRows ? body : rest, strip)
    }

    private static func lines(_ tour: TourState, _ state: AppState, columns: Int) -> [String] {
        TerminalText.wrapped(TourText.text(tour, state).body, to: min(110, columns - 4))
    }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        guard let tour = state.tour, area.rows > 2 else { return }
        scene.region(area)
        let step = "\(tour.step.rawValue + 1) of \(TourStep.allCases.count)"
        let inside = scene.panel(
            area, title: "Tour \(step): \(TourText.text(tour, state).title)", isFocused: true,
            fill: scene.theme.overlay
        ).inset(horizontal: 1, vertical: 0)
        let background = scene.theme.overlay.background
        if !tour.praise.isEmpty {
            let praise = " \(scene.symbols.check) \(tour.praise) "
            let x = area.right - 2 - TerminalText.width(praise)
            scene.write(praise, x: x, y: area.y, style: scene.theme.good.on(background))
        }
        let text = lines(tour, state, columns: area.columns)
        for (row, line) in text.prefix(inside.rows).enumerated() {
            scene.write(
                line, x: inside.x, y: inside.y + row, style: scene.theme.text.on(background))
        }
        drawKeys(state, into: &scene, x: area.x + 2, y: area.bottom - 1)
    }

    /// On the lower edge, so that they take no row from the screen.
    private static func drawKeys(_ state: AppState, into scene: inout Scene, x: Int, y: Int) {
        let background = scene.theme.overlay.background
        var x = x
        for (command, word) in [("tour.next", "next"), ("tour.back", "back"), ("tour.end", "end")] {
            let id = CommandID(command)
            guard let keys = state.keymap.keys(of: id).first else { continue }
            let start = x
            let key = " " + keys.display(ascii: scene.symbols.isASCII)
            x += scene.write(key, x: x, y: y, style: scene.theme.key.on(background))
            x += scene.write(" \(word) ", x: x, y: y, style: scene.theme.text.on(background))
            scene.region(Rect(x: start, y: y, columns: x - start, rows: 1), press: .command(id))
        }
    }
}
