import Foundation
import TerminalUI

/// The pieces from front to back with their numbers, then background, file and keys.
enum ComposePane {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let compose = state.compose
        let inside = scene.panel(
            area, title: "Pieces", note: "\(compose.scene.pieces.count) of \(ComposeScene.limit)")
        scene.region(inside, scroll: { .compose(.selectNext($0)) })
        let isRoomy = inside.rows >= 19
        var y = inside.y
        for piece in compose.scene.pieces.reversed() {
            y = draw(piece, state, isRoomy: isRoomy, y: y, inside, &scene)
        }
        if compose.scene.pieces.isEmpty {
            scene.write(
                "none yet", x: inside.x + 1, y: y, style: scene.theme.faint)
            y += 1
        }
        if isRoomy { y += 1 }
        y = drawFacts(state, y: y, inside, &scene)
        drawKeys(state, y: y, inside, &scene)
    }

    private static func draw(
        _ piece: ComposePiece, _ state: AppState, isRoomy: Bool, y: Int, _ area: Rect,
        _ scene: inout Scene
    ) -> Int {
        let compose = state.compose
        let isSelected = piece.id == compose.selected
        let rows = isRoomy ? 3 : 2
        guard y + rows <= area.bottom else { return y }
        let row = Rect(x: area.x, y: y, columns: area.columns, rows: 1)
        let base = isSelected ? scene.theme.cursor : scene.theme.text
        if isSelected {
            scene.frame.fill(row, style: base)
            scene.frame.cursor = row.origin
        }
        scene.write(
            isSelected ? scene.symbols.pointer : " ", x: row.x, y: y, style: base)
        var x = row.x + 1
        let number = scene.theme.concept(piece.slot)
        x += scene.write(
            "\(piece.slot + 1)", x: x, y: y,
            style: isSelected ? number.on(base.background) : number)
        let isGone = state.library.concept(piece.concept) == nil
        let name = isGone ? "\(piece.name) (not in the library)" : piece.name
        scene.write(name, x: x + 1, y: y, style: base, columns: row.right - x - 1)
        var line = y + 1
        let indent = 3
        if isRoomy {
            scene.write(
                shape(piece), x: area.x + indent, y: line, style: scene.theme.faint,
                columns: area.columns - indent)
            line += 1
        }
        if let problem = compose.problem(of: piece) {
            scene.write(
                "\(scene.symbols.cross) \(problem)", x: area.x + indent, y: line,
                style: scene.theme.bad, columns: area.columns - indent)
        } else {
            scene.write(
                box(piece, compose, scene.symbols), x: area.x + indent, y: line,
                style: scene.theme.faint, columns: area.columns - indent)
        }
        scene.region(
            Rect(x: area.x, y: y, columns: area.columns, rows: rows),
            press: .compose(.select(piece.id)), scroll: { .compose(.selectNext($0)) })
        return y + rows
    }

    /// "31% wide, turned 15°, flipped".
    private static func shape(_ piece: ComposePiece) -> String {
        var parts = ["\(Int((piece.width * 100).rounded()))% wide"]
        if piece.rotation != 0 { parts.append("turned \(Int(piece.rotation.rounded()))°") }
        if piece.isFlipped { parts.append("flipped") }
        return parts.joined(separator: ", ")
    }

    /// Left, top, right and bottom of what can be seen, in pixels of the full picture; with dots
    /// behind them while a newer preview is being made.
    private static func box(
        _ piece: ComposePiece, _ compose: ComposeState, _ symbols: Symbols
    ) -> String {
        guard let box = compose.preview?.boxes[piece.id] else { return symbols.ellipsis }
        let edges = box.pixels(compose.scene.canvas)
        let dash = symbols.isASCII ? "-" : "–"
        let tail = compose.isPreviewCurrent ? "" : " \(symbols.ellipsis)"
        return "\(edges[0]),\(edges[1]) \(dash) \(edges[2]),\(edges[3])\(tail)"
    }

    private static func drawFacts(
        _ state: AppState, y: Int, _ area: Rect, _ scene: inout Scene
    ) -> Int {
        let compose = state.compose
        var lines: [(String, Style)] = [
            ("on \(compose.scene.background.title)", scene.theme.text)
        ]
        if case .picture(let url) = compose.scene.background,
            case .failed = compose.backgrounds[url.path]
        {
            lines.append(("\(scene.symbols.cross) it cannot be read", scene.theme.bad))
        }
        if compose.isSaving {
            lines.append(("saving\(scene.symbols.ellipsis)", scene.theme.faint))
        } else if let file = compose.savedFile {
            lines.append(
                ("\(scene.symbols.check) \(file.lastPathComponent)", scene.theme.good))
        } else if compose.saved != nil {
            lines.append(("changed since it was saved", scene.theme.faint))
        }
        var y = y
        for (text, style) in lines where y < area.bottom {
            scene.write(text, x: area.x + 1, y: y, style: style, columns: area.columns - 1)
            y += 1
        }
        return y
    }

    /// The keys that have no place in the footer, at the bottom when there is room.
    private static func drawKeys(_ state: AppState, y: Int, _ area: Rect, _ scene: inout Scene) {
        guard !state.compose.scene.pieces.isEmpty else { return }
        let key = KeyHint(state, scene.symbols)
        let lines = [
            (key.all("move.left", "move.down", "move.up", "move.right"), "move, or drag"),
            (
                key.all(
                    "compose.fine_left", "compose.fine_down", "compose.fine_up",
                    "compose.fine_right"), "move a little"
            ),
            (key.all("compose.larger", "compose.smaller"), "size, or wheel"),
            (key.all("compose.turn_right", "compose.turn_left"), "turn"),
            (key.all("compose.lower", "compose.raise"), "to back, front"),
            (key("move.next"), "next piece"),
            (key("compose.shuffle"), "shuffle"),
        ]
        let width = (lines.map { TerminalText.width($0.0) }.max() ?? 0) + 1
        let room = area.bottom - y - 1
        guard room >= 3 else { return }
        let shown = lines.prefix(room)
        for (index, line) in shown.enumerated() {
            let row = area.bottom - shown.count + index
            scene.write(line.0, x: area.x + 1, y: row, style: scene.theme.key)
            scene.write(
                line.1, x: area.x + 1 + width, y: row, style: scene.theme.faint,
                columns: area.columns - width - 1)
        }
    }
}
