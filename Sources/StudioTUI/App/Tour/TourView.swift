import TerminalUI

/// The box of the tour in a corner of the screen; everything else works as always.
enum TourView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        guard let tour = state.tour else { return }
        let (title, body) = TourText.text(tour, state)
        let width = min(46, area.columns - 2)
        var lines = TerminalText.wrapped(body, to: width - 4)
        let praise = tour.praise.isEmpty ? nil : "\(scene.symbols.check) \(tour.praise)"
        let room = area.rows - 3 - (praise == nil ? 0 : 1)
        lines = Array(lines.prefix(max(1, room)))
        let height = lines.count + 3 + (praise == nil ? 0 : 1)
        let rect = place(Size(columns: width, rows: height), tour.step.corner, in: area)
        scene.region(rect)
        let inside = scene.panel(
            rect, title: title,
            note: "tour \(tour.step.rawValue + 1)/\(TourStep.allCases.count)", isFocused: true,
            fill: scene.theme.overlay
        ).inset(horizontal: 1, vertical: 0)
        let background = scene.theme.overlay.background
        var y = inside.y
        if let praise {
            scene.write(praise, x: inside.x, y: y, style: scene.theme.good.on(background))
            y += 1
        }
        for line in lines {
            scene.write(line, x: inside.x, y: y, style: scene.theme.text.on(background))
            y += 1
        }
        drawKeys(state, into: &scene, x: inside.x, y: inside.bottom - 1)
    }

    private static func place(_ size: Size, _ corner: TourCorner, in area: Rect) -> Rect {
        let right = area.right - size.columns
        let bottom = area.bottom - size.rows
        return switch corner {
        case .bottomLeft: Rect(x: area.x, y: bottom, columns: size.columns, rows: size.rows)
        case .bottomRight: Rect(x: right, y: bottom, columns: size.columns, rows: size.rows)
        case .topRight: Rect(x: right, y: area.y, columns: size.columns, rows: size.rows)
        }
    }

    private static func drawKeys(_ state: AppState, into scene: inout Scene, x: Int, y: Int) {
        let background = scene.theme.overlay.background
        var x = x
        for (command, word) in [("tour.next", "next"), ("tour.back", "back"), ("tour.end", "end")] {
            let id = CommandID(command)
            guard let keys = state.keymap.keys(of: id).first else { continue }
            let start = x
            x += scene.write(
                keys.display(ascii: scene.symbols.isASCII), x: x, y: y,
                style: scene.theme.key.on(background))
            x += 1 + scene.write(word, x: x + 1, y: y, style: scene.theme.faint.on(background))
            scene.region(
                Rect(x: start, y: y, columns: x - start, rows: 1), press: .command(id))
            x += 2
        }
    }
}
