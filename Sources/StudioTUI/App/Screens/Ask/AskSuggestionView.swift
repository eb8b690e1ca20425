import ConceptDB
import Foundation
import TerminalUI

/// Draws who was found in the picture.
enum AskSuggestionView {
    /// The picture with frames, as long as somebody is suggested.
    static func framed(_ state: AppState) -> PictureSource? {
        guard !state.ask.suggested.isEmpty, let drawn = state.ask.suggestions?.drawn,
            let identity = state.ask.picture?.identity
        else { return nil }
        return .pixels(id: "found:\(ObjectIdentifier(drawn).hashValue):\(identity)", drawn)
    }

    /// What is said about the search beside the picture's name.
    static func note(_ state: AppState) -> String? {
        if let search = state.ask.searching {
            let part = search.fraction.map { " \(Int($0 * 100)) %" } ?? ""
            return search.stage + part
        }
        if state.ask.isNobody { return AskSuggesting.nobody }
        let count = state.ask.suggested.count
        return count == 0 ? nil : "\(count) found"
    }

    /// A suggestion in a free slot: the name with a question mark, the score, and what to press.
    static func draw(
        _ found: AskSuggestion, _ index: Int, _ rect: Rect, _ isRoomy: Bool, _ state: AppState,
        _ scene: inout Scene
    ) {
        let isFocused = state.ask.focus == .slot(index)
        scene.region(
            rect,
            press: isFocused ? .ask(.acceptSuggestion(found.id)) : .ask(.focus(.slot(index))))
        if isRoomy {
            drawBox(found, index, rect, isFocused, state, &scene)
        } else {
            drawCompact(found, index, rect, isFocused, &scene)
        }
    }

    /// One line: `[2? Luna 83 %   ✗]`.
    private static func drawCompact(
        _ found: AskSuggestion, _ index: Int, _ rect: Rect, _ isFocused: Bool,
        _ scene: inout Scene
    ) {
        let width = rect.columns - 1
        let frame = isFocused ? scene.theme.cursor : scene.theme.border
        if isFocused {
            scene.frame.fill(
                Rect(x: rect.x, y: rect.y, columns: width, rows: 1), style: frame)
            scene.frame.cursor = Point(x: rect.x + 1, y: rect.y)
        }
        scene.write("[", x: rect.x, y: rect.y, style: frame)
        scene.write("]", x: rect.x + width - 1, y: rect.y, style: frame)
        // The score is worth more than the end of a long name.
        let end = " \(found.percent)"
        let room = max(3, width - 4 - end.count)
        let name = TerminalText.truncated(
            TerminalText.sanitized("\(index + 1)? \(found.name)"), to: room,
            ellipsis: scene.symbols.ellipsis)
        scene.write(
            name + end, x: rect.x + 1, y: rect.y, style: isFocused ? frame : scene.theme.faint,
            columns: width - 4)
        dismissal(found, Point(x: rect.x + width - 2, y: rect.y), isFocused ? frame : nil, &scene)
    }

    private static func drawBox(
        _ found: AskSuggestion, _ index: Int, _ rect: Rect, _ isFocused: Bool, _ state: AppState,
        _ scene: inout Scene
    ) {
        let inside = scene.panel(rect, title: "", isFocused: isFocused)
        if isFocused { scene.frame.cursor = Point(x: rect.x + 2, y: rect.y) }
        let title = TerminalText.truncated(
            TerminalText.sanitized(" \(index + 1)? \(found.name) "), to: rect.columns - 7,
            ellipsis: scene.symbols.ellipsis)
        scene.write(title, x: rect.x + 1, y: rect.y, style: scene.theme.accent)
        dismissal(found, Point(x: rect.right - 3, y: rect.y), nil, &scene)
        let (thumbnail, words) = inside.split(left: min(inside.rows * 2 + 1, inside.columns / 2))
        if let cover = state.library.concept(found.id)?.coverImage {
            let file = state.places.home.library.appendingPathComponent(cover.path)
            scene.picture(
                PictureRequest(
                    source: .stored(sha256: cover.sha256, file: file), box: thumbnail.size,
                    magnification: 4, label: found.name),
                in: thumbnail)
        }
        let text = words.split(left: 1).1
        let take = AskView.key("ask.run", state, scene)
        let leave = AskView.key("ask.remove_concept", state, scene)
        scene.write(
            found.percent, x: text.x, y: text.y, style: scene.theme.text, columns: text.columns)
        scene.paragraph(
            "\(take) takes, \(leave) dismisses", in: text.split(top: 1).1,
            style: scene.theme.faint)
    }

    /// A sign that the mouse dismisses the suggestion with.
    private static func dismissal(
        _ found: AskSuggestion, _ point: Point, _ style: Style?, _ scene: inout Scene
    ) {
        scene.write(
            scene.symbols.cross, x: point.x, y: point.y, style: style ?? scene.theme.faint)
        scene.region(
            Rect(x: point.x - 1, y: point.y, columns: 3, rows: 1),
            press: .ask(.dismissSuggestion(found.id)))
    }
}
