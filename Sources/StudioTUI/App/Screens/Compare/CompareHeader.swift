import ConceptDB
import Foundation
import TerminalUI

/// The query picture with what was asked about it, or both pictures when there are two.
enum CompareHeader {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let compare = state.compare
        if let pair = compare.pair, !pair.isSamePicture {
            let (left, right) = area.split(left: area.columns / 2)
            for (column, rect) in [(CompareSide.left, left), (.right, right)] {
                let caption = pair[compare.side(in: column)]
                let inside = scene.panel(rect, title: "Picture \(column.letter)")
                drawPicture(caption, &scene, inside)
            }
            return
        }
        let caption = compare[.left].caption ?? compare[.right].caption
        let inside = scene.panel(area, title: "Picture", note: size(caption))
        guard let caption else { return }
        var text = inside.inset(horizontal: 1, vertical: 0)
        if inside.rows >= 4 {
            let width = min(inside.columns / 2, inside.rows * 5 / 2)
            let (picture, rest) = inside.split(left: width)
            drawPicture(caption, &scene, picture)
            text = rest.inset(horizontal: 1, vertical: 0)
        }
        drawFacts(caption, compare, &scene, text)
    }

    private static func size(_ caption: CompareCaption?) -> String {
        guard let image = caption?.record.image, let width = image.width, let height = image.height
        else { return "" }
        return "\(width)×\(height)"
    }

    private static func drawPicture(
        _ caption: CompareCaption, _ scene: inout Scene, _ rect: Rect
    ) {
        let image = caption.record.image
        guard let url = caption.picture, let sha256 = image.sha256 else {
            scene.note("the picture is missing from the library", rect, scene.theme.warning)
            return
        }
        let name = (image.originalPath as NSString).lastPathComponent
        scene.picture(
            PictureRequest(
                source: .stored(sha256: sha256, file: url), box: rect.size, priority: 0,
                magnification: 3, label: name), in: rect)
    }

    private static func drawFacts(
        _ caption: CompareCaption, _ compare: CompareState, _ scene: inout Scene, _ area: Rect
    ) {
        let record = caption.record
        var y = area.y
        let name = (record.image.originalPath as NSString).lastPathComponent
        // A short panel has no room for the picture, only for its name.
        scene.write(name, x: area.x, y: y, style: scene.theme.strong, columns: area.columns)
        y += 1
        let names = compare.pair?.names ?? ComparePair.names([caption])
        if y < area.bottom {
            var x = area.x
            for (index, name) in names.enumerated() where x < area.right {
                x += scene.write(
                    name, x: x, y: y, style: scene.theme.concept(index), columns: area.right - x)
                x += 2
            }
            if names.isEmpty {
                scene.write("without concepts", x: x, y: y, style: scene.theme.faint)
            }
            y += 1
        }
        if y < area.bottom {
            let rows = min(max(1, area.rows - 4), area.bottom - y)
            y += scene.paragraph(
                record.question, in: Rect(x: area.x, y: y, columns: area.columns, rows: rows),
                style: scene.theme.faint)
        }
        guard y < area.bottom, let pair = compare.pair else { return }
        scene.paragraph(
            tally(pair, compare),
            in: Rect(x: area.x, y: y, columns: area.columns, rows: area.bottom - y))
    }

    /// "Blind votes: mini 5, mini + pets 3, neither 1".
    static func tally(_ pair: ComparePair, _ compare: CompareState) -> String {
        let (left, right) = (pair.left.record, pair.right.record)
        let tally = compare.votes.tally(.init(left), .init(right))
        guard tally.total > 0 else { return "No blind votes between these two yet." }
        let writers = (CompareContender(left), CompareContender(right))
        let names =
            writers.0 == writers.1
            ? ("#\(left.id)", "#\(right.id)") : (writers.0.label, writers.1.label)
        return "Blind votes: \(names.0) \(tally.left), \(names.1) \(tally.right), "
            + "neither \(tally.ties)"
    }
}
