import ConceptDB
import TerminalUI

/// Draws the picture with the frame that is being chosen.
enum CropView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        guard let box = state.concepts.crop, let concept = state.openConcept else { return }
        let inside = scene.panel(area, title: "Crop \(concept.name)", isFocused: true)
        let (left, right) = inside.split(right: min(36, inside.columns * 36 / 100))
        let text = right.inset(horizontal: 1, vertical: 0)
        drawPicture(box, state, left, &scene)
        var y = text.y
        func line(_ words: String, _ style: Style) {
            for row in TerminalText.wrapped(words, to: max(1, text.columns)) where y < text.bottom {
                scene.write(row, x: text.x, y: y, style: style)
                y += 1
            }
        }
        // Over the picture the cursor would leave holes; the size is what every key changes.
        scene.frame.cursor = text.origin
        line("\(box.width)×\(box.height) pixels", scene.theme.strong)
        line("from \(box.left),\(box.top)", scene.theme.text)
        line("of \(box.image.width)×\(box.image.height)", scene.theme.text)
        y += 1
        let toggle = y
        line("\(box.makesCover ? "[x]" : "[ ]") becomes the cover", scene.theme.text)
        scene.region(
            Rect(x: text.x, y: toggle, columns: text.columns, rows: 1),
            press: .concepts(.crop(.toggleCover)))
        y += 1
        let arrows = scene.symbols.isASCII ? "arrows" : "←↓↑→"
        for (keys, word) in [
            ("hjkl \(arrows)", "move"), ("H J K L", "size"), ("+ -", "scale"), ("mouse", "draw"),
        ] {
            guard y < text.bottom else { break }
            scene.write(keys, x: text.x, y: y, style: scene.theme.key)
            scene.write(
                word, x: text.x + 11, y: y, style: scene.theme.text, columns: text.columns - 11)
            y += 1
        }
        y += 1
        line("The original stays as it is.", scene.theme.faint)
    }

    private static func drawPicture(
        _ box: CropBox, _ state: AppState, _ rect: Rect, _ scene: inout Scene
    ) {
        let request = PictureRequest(
            source: state.file(of: box.image), box: rect.size, marks: [box.mark], priority: 0,
            label: "crop", slot: "concepts.crop")
        let covered = scene.picture(request, in: rect)
        guard let covered else { return }
        let size = covered.size
        scene.region(
            covered,
            drag: { phase, point in
                // The end of a drag to the right edge means the edge, not the cell before it.
                let x = phase == .began ? Double(point.x) : Double(point.x) + 0.5
                let y = phase == .began ? Double(point.y) : Double(point.y) + 0.5
                return .concepts(
                    .crop(
                        .drag(
                            phase, x: x / Double(max(1, size.columns)),
                            y: y / Double(max(1, size.rows)))))
            })
    }
}
