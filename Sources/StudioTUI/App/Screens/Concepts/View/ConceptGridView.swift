import ConceptDB
import TerminalUI

/// Draws concepts as a grid of their covers.
enum ConceptGridView {
    static func draw(_ state: AppState, _ grid: GridLayout, into scene: inout Scene) {
        let concepts = state.concepts
        let count = concepts.listing.count
        let first = grid.firstRow(concepts.position, count: count)
        let shown = first * grid.columns..<min(count, (first + grid.rows) * grid.columns)
        let matcher = FuzzyMatcher(concepts.search.query)
        let cursor = concepts.position.cursor
        // What has the focus is asked for before the rest.
        let order = shown.contains(cursor) ? [cursor] + shown.filter { $0 != cursor } : Array(shown)
        for index in order {
            guard let concept = concepts.listing.concept(at: index, in: state.library) else {
                continue
            }
            draw(concept, index, matcher, grid.rect(index, firstRow: first), state, &scene)
        }
        prefetch(state, grid, around: shown, count: count, &scene)
        scene.scrollBar(
            grid.area, first: first, visible: grid.rows, total: grid.rowCount(count))
    }

    private static func draw(
        _ concept: Concept, _ index: Int, _ matcher: FuzzyMatcher, _ rect: Rect,
        _ state: AppState, _ scene: inout Scene
    ) {
        let isCursor = index == state.concepts.position.cursor
        let isFocused = state.concepts.focus == .list
        if isCursor { scene.panel(rect, isFocused: isFocused) }
        let inside = rect.inset(horizontal: 1, vertical: 1)
        let (box, name) = inside.split(bottom: 1)
        if let cover = concept.coverImage {
            scene.picture(
                PictureRequest(
                    source: state.file(of: cover), box: box.size, priority: isCursor ? 0 : 1,
                    label: concept.name), in: box)
        } else {
            scene.note("no picture", box, scene.theme.faint)
        }
        let isMarked = state.concepts.marks.contains(concept.id)
        var style = isMarked ? scene.theme.strong : scene.theme.text
        if isCursor {
            style = isFocused ? scene.theme.cursor : scene.theme.restingCursor
            scene.frame.fill(name, style: style)
            if isFocused, !state.concepts.search.isTyping {
                scene.frame.cursor = Point(x: name.x, y: name.y)
            }
        }
        // Names stand below the middle of their pictures.
        let width = TerminalText.width(TerminalText.sanitized(concept.name)) + (isMarked ? 2 : 0)
        var x = name.x + max(0, name.columns - width) / 2
        if isMarked {
            x += scene.write(scene.symbols.selected, x: x, y: name.y, style: style) + 1
        }
        scene.highlighted(
            concept.name, matched: ConceptMatch(concept, matcher).name, x: x, y: name.y,
            columns: name.right - x, style: style)
        scene.region(rect, press: .concepts(.click(row: index)))
    }

    /// Asks for the pictures of one page before and one after.
    private static func prefetch(
        _ state: AppState, _ grid: GridLayout, around shown: Range<Int>, count: Int,
        _ scene: inout Scene
    ) {
        let page = grid.columns * grid.rows
        let box = Size(columns: grid.cell.columns - 2, rows: grid.cell.rows - 3)
        let after = shown.upperBound..<min(count, shown.upperBound + page)
        let before = max(0, shown.lowerBound - page)..<shown.lowerBound
        for index in Array(after) + before.reversed() {
            guard
                let concept = state.concepts.listing.concept(at: index, in: state.library),
                let cover = concept.coverImage
            else { continue }
            scene.prefetch(
                PictureRequest(
                    source: state.file(of: cover), box: box, label: concept.name), box: box)
        }
    }
}
