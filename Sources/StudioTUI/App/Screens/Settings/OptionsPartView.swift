import TerminalUI

/// The options with their values, and what the one under the cursor does.
enum OptionsPartView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let rows = OptionRow.rows(state)
        let (list, detail) = SettingsView.split(area, rows: 1000, detail: 7)
        let inside = scene.panel(list, title: "Options", note: "config.yaml", isFocused: true)
        let titled = TitledList(count: rows.count) { index in
            OptionRow.title(of: rows[index], after: index > 0 ? rows[index - 1] : nil)
        }
        let cursor = state.settingsScreen.options.cursor
        let (first, lines) = titled.visible(cursor: cursor, rows: inside.rows)
        scene.region(inside, scroll: { .navigate($0 < 0 ? .up : .down) })
        for (offset, line) in lines.enumerated() {
            let y = inside.y + offset
            if let title = line.title {
                scene.write(
                    title, x: inside.x + 1, y: y, style: scene.theme.title,
                    columns: inside.columns - 2)
            } else {
                draw(
                    rows[line.index], line.index, isCursor: line.index == cursor, state, inside,
                    y: y, &scene)
            }
        }
        scene.scrollBar(inside, first: first, visible: inside.rows, total: titled.lines.count)
        guard rows.indices.contains(cursor) else { return }
        drawDetail(rows[cursor], state, detail, &scene)
    }

    private static func draw(
        _ row: OptionRow, _ index: Int, isCursor: Bool, _ state: AppState, _ list: Rect, y: Int,
        _ scene: inout Scene
    ) {
        let columns = list.columns - 1
        let base = isCursor ? scene.theme.cursor : scene.theme.text
        let line = Rect(x: list.x, y: y, columns: columns, rows: 1)
        if isCursor {
            scene.frame.fill(line, style: base)
            scene.frame.cursor = Point(x: list.x, y: y)
        }
        scene.region(line, press: .settings(.select(.options, index)))
        switch row {
        case .problem(let text):
            let shown = text.drop { $0 != " " }.dropFirst()
            scene.write(
                "! \(shown)", x: list.x + 1, y: y, style: isCursor ? base : scene.theme.warning,
                columns: columns - 2)
        case .option(let option):
            let isChanged = state.settings.isChanged(option)
            let name = min(30, max(16, columns / 2))
            // A sign besides the letters' weight tells what differs from its default.
            scene.write(
                isChanged ? "*" : " ", x: list.x + 1, y: y,
                style: isCursor ? base : scene.theme.accent)
            scene.write(option.key, x: list.x + 3, y: y, style: base, columns: name - 4)
            let style = isCursor ? base : (isChanged ? scene.theme.strong : scene.theme.faint)
            scene.write(
                value(option, state, isCursor: isCursor, scene.symbols), x: list.x + name, y: y,
                style: style, columns: columns - name - 1)
        }
    }

    private static func value(
        _ option: SettingOption, _ state: AppState, isCursor: Bool, _ symbols: Symbols
    ) -> String {
        let text = state.settings[option].text
        let shown = text.isEmpty ? "empty" : text
        guard isCursor, !option.steps.isEmpty else { return shown }
        return "\(symbols.arrow.left) \(shown) \(symbols.arrow.right)"
    }

    private static func drawDetail(
        _ row: OptionRow, _ state: AppState, _ area: Rect, _ scene: inout Scene
    ) {
        switch row {
        case .problem(let text):
            let inside = scene.panel(area, title: "Problem").inset(horizontal: 1, vertical: 0)
            let key = state.keymap.keys(of: "settings.edit_settings").first?.display() ?? ":"
            scene.paragraph(
                "\(text)\n\nThe rest of the file counts all the same. \(key) opens it in your "
                    + "editor.", in: inside)
        case .option(let option):
            let inside = scene.panel(area, title: option.key).inset(horizontal: 1, vertical: 0)
            let used = scene.paragraph(option.explanation, in: inside)
            // The gap is the first thing to go where rows are few.
            let gap = inside.rows >= used + 4 ? 1 : 0
            let (_, rest) = inside.split(top: used + gap)
            let standard = option.standard.text
            let value = state.settings[option].text
            SettingsView.facts(
                [
                    ("value", value.isEmpty ? "empty" : value),
                    ("default", standard.isEmpty ? "empty" : standard),
                    ("takes", option.allowed),
                ], in: rest, into: &scene)
        }
    }
}
