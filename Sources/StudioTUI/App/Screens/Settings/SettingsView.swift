import TerminalUI

/// Draws the screen Settings: the parts as tabs, and the part that is shown below them.
enum SettingsView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let (tabs, body) = area.split(top: 1)
        drawTabs(state, into: &scene, area: tabs)
        switch state.settingsScreen.part {
        case .models: ModelsPartView.draw(state, into: &scene, area: body)
        case .options: OptionsPartView.draw(state, into: &scene, area: body)
        case .keys: KeysPartView.draw(state, into: &scene, area: body)
        case .doctor: DoctorPartView.draw(state, into: &scene, area: body)
        }
    }

    private static func drawTabs(_ state: AppState, into scene: inout Scene, area: Rect) {
        var x = area.x + 1
        for part in SettingsPart.allCases {
            let isShown = part == state.settingsScreen.part
            // Brackets tell the shown one where there are no colours.
            let label = isShown ? "[\(part.title)]" : " \(part.title) "
            let width = scene.write(
                label, x: x, y: area.y, style: isShown ? scene.theme.accent : scene.theme.text)
            scene.region(
                Rect(x: x, y: area.y, columns: width, rows: 1), press: .settings(.showPart(part)))
            x += width + 1
        }
    }

    /// The list and what explains the row under the cursor: side by side where there is room.
    static func split(_ area: Rect, rows: Int, detail: Int) -> (list: Rect, detail: Rect) {
        if area.columns >= 100 {
            let (list, detail) = area.split(left: max(56, area.columns * 11 / 20))
            return (list, detail)
        }
        let height = min(max(rows + 2, 5), max(5, area.rows - detail))
        let (list, detail) = area.split(top: height)
        return (list, detail)
    }

    /// Facts under each other, names in a column of their own; returns the rows used.
    @discardableResult
    static func facts(
        _ facts: [(name: String, value: String)], in rect: Rect, into scene: inout Scene
    ) -> Int {
        let width = min(14, (facts.map { TerminalText.width($0.name) }.max() ?? 0) + 2)
        var y = rect.y
        for (name, value) in facts where y < rect.bottom {
            scene.write(name, x: rect.x, y: y, style: scene.theme.faint, columns: width)
            let room = Rect(
                x: rect.x + width, y: y, columns: rect.columns - width, rows: rect.bottom - y)
            y += max(1, scene.paragraph(value, in: room))
        }
        return y - rect.y
    }
}

/// A row of a list that may have a title above it.
struct TitledRow {
    /// The title of a group; `nil` for a row of the list itself.
    var title: String?
    /// The row's index in the list.
    var index = 0
}

/// Rows in groups with titles, of which the cursor only stands on rows.
struct TitledList {
    let lines: [TitledRow]

    /// - Parameter title: the title above a row, if a group begins with it.
    init(count: Int, title: (Int) -> String?) {
        lines = (0..<count).flatMap { index -> [TitledRow] in
            let row = TitledRow(index: index)
            guard let title = title(index) else { return [row] }
            let heading = TitledRow(title: title, index: index)
            return index == 0
                ? [heading, row] : [TitledRow(title: "", index: index), heading, row]
        }
    }

    /// The lines to draw so that the row under the cursor is in sight, with its title where possible.
    func visible(cursor: Int, rows: Int) -> (first: Int, lines: ArraySlice<TitledRow>) {
        let line = lines.firstIndex { $0.title == nil && $0.index == cursor } ?? 0
        let position = ListPosition(cursor: line, top: 0)
        var first = position.firstVisible(count: lines.count, page: rows)
        // The first row of the list brings its title along.
        if line <= 1 { first = 0 }
        return (first, lines[first..<min(lines.count, first + max(0, rows))])
    }
}
