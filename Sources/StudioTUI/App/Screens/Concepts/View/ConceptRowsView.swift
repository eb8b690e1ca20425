import ConceptDB
import TerminalUI

/// The columns of the list, by the width there is.
struct ConceptColumns: Equatable {
    /// Where each column begins, from the left edge, and how wide it is.
    let name: (x: Int, columns: Int)
    let category: (x: Int, columns: Int)
    let pictures: (x: Int, columns: Int)
    let age: (x: Int, columns: Int)

    /// From this width on the age says "today 09:12" and pictures say what they are.
    static let generous = 52

    init(_ columns: Int) {
        let isGenerous = columns >= Self.generous
        let ageWidth = columns < 26 ? 0 : isGenerous ? 11 : 6
        let picturesWidth = columns < 20 ? 0 : isGenerous ? 7 : 3
        let categoryWidth = columns < 36 ? 0 : min(16, columns / 5)
        var right = columns
        func take(_ width: Int) -> (x: Int, columns: Int) {
            guard width > 0 else { return (right, 0) }
            right -= width
            let place = (x: right, columns: width)
            right -= isGenerous ? 2 : 1
            return place
        }
        age = take(ageWidth)
        pictures = take(picturesWidth)
        category = take(categoryWidth)
        name = (x: 2, columns: max(1, right - 2))
    }

    static func == (a: ConceptColumns, b: ConceptColumns) -> Bool {
        a.name == b.name && a.category == b.category && a.pictures == b.pictures && a.age == b.age
    }
}

/// Draws the list of concepts.
enum ConceptRowsView {
    static func draw(_ state: AppState, rect: Rect, into scene: inout Scene) {
        let concepts = state.concepts
        let count = concepts.listing.count
        let first = concepts.position.firstVisible(count: count, page: rect.rows)
        // The last column belongs to the scroll bar.
        let line = Rect(x: rect.x, y: rect.y, columns: rect.columns - 1, rows: 1)
        let columns = ConceptColumns(line.columns)
        let matcher = FuzzyMatcher(concepts.search.query)
        for row in 0..<rect.rows {
            guard let concept = concepts.listing.concept(at: first + row, in: state.library)
            else { break }
            var place = line
            place.y += row
            draw(concept, row: first + row, columns, matcher, place, state, &scene)
        }
        scene.scrollBar(rect, first: first, visible: rect.rows, total: count)
    }

    private static func draw(
        _ concept: Concept, row: Int, _ columns: ConceptColumns, _ matcher: FuzzyMatcher,
        _ line: Rect, _ state: AppState, _ scene: inout Scene
    ) {
        let isCursor = row == state.concepts.position.cursor
        let isFocused = state.concepts.focus == .list
        let isMarked = state.concepts.marks.contains(concept.id)
        var style = isMarked ? scene.theme.strong : scene.theme.text
        var quiet = scene.theme.faint
        if isCursor {
            style = isFocused ? scene.theme.cursor : scene.theme.restingCursor
            quiet = style
            scene.frame.fill(line, style: style)
            if isFocused, !state.concepts.search.isTyping {
                scene.frame.cursor = Point(x: line.x + columns.name.x, y: line.y)
            }
        }
        func write(_ text: String, _ column: (x: Int, columns: Int), right: Bool = false) {
            guard column.columns > 0 else { return }
            let width = right ? min(column.columns, TerminalText.width(text)) : column.columns
            scene.write(
                text, x: line.x + column.x + column.columns - width, y: line.y, style: quiet,
                columns: width)
        }
        let match = ConceptMatch(concept, matcher)
        scene.write(
            isMarked
                ? scene.symbols.selected
                : state.concepts.marks.isEmpty ? " " : scene.symbols.unselected,
            x: line.x, y: line.y, style: isMarked && !isCursor ? scene.theme.accent : quiet)
        scene.highlighted(
            concept.name, matched: match.name, x: line.x + columns.name.x, y: line.y,
            columns: columns.name.columns, style: style)
        if columns.category.columns > 0 {
            scene.highlighted(
                concept.category, matched: match.category, x: line.x + columns.category.x,
                y: line.y, columns: columns.category.columns, style: quiet)
        }
        let isLong = columns.age.columns > 6
        let count = concept.images.count
        write(
            isLong ? "\(count) \(count == 1 ? "pic " : "pics")" : "\(count)", columns.pictures,
            right: true)
        write(
            isLong
                ? AgeText.long(concept.updatedAt, now: state.date)
                : AgeText.short(concept.updatedAt, now: state.date), columns.age, right: true)
        scene.region(line, press: .concepts(.click(row: row)))
        scene.region(
            Rect(x: line.x, y: line.y, columns: 2, rows: 1),
            press: .concepts(.clickMark(row: row)))
    }
}
