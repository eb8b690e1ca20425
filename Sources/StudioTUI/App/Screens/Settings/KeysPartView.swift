import TerminalUI

/// Every command with its keys.
enum KeysPartView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let rows = KeyRow.rows(state)
        let conflicts = KeyConflict.all(in: state.keymap)
        let clashing = Set(conflicts.flatMap { [$0.first, $0.second] })
        let (list, detail) = SettingsView.split(area, rows: 1000, detail: 6)
        let note = conflicts.isEmpty ? "" : TextForm.count(conflicts.count, "conflict")
        let inside = scene.panel(list, title: "Keys", note: note, isFocused: true)
        let titled = TitledList(count: rows.count) { index in
            KeyRow.title(of: rows[index], after: index > 0 ? rows[index - 1] : nil)
        }
        let cursor = state.settingsScreen.keys.cursor
        let (first, lines) = titled.visible(cursor: cursor, rows: inside.rows)
        scene.region(inside, scroll: { .navigate($0 < 0 ? .up : .down) })
        for (offset, line) in lines.enumerated() {
            let y = inside.y + offset
            if let title = line.title {
                scene.write(
                    title, x: inside.x + 1, y: y, style: scene.theme.title,
                    columns: inside.columns - 2)
                continue
            }
            let isCursor = line.index == cursor
            let rect = Rect(x: inside.x, y: y, columns: inside.columns - 1, rows: 1)
            if isCursor {
                scene.frame.fill(rect, style: scene.theme.cursor)
                scene.frame.cursor = rect.origin
            }
            scene.region(rect, press: .settings(.select(.keys, line.index)))
            draw(rows[line.index], isCursor: isCursor, clashing, state, rect, &scene)
        }
        scene.scrollBar(inside, first: first, visible: inside.rows, total: titled.lines.count)
        guard rows.indices.contains(cursor) else { return }
        drawDetail(rows[cursor], state, detail, &scene)
    }

    private static func draw(
        _ row: KeyRow, isCursor: Bool, _ clashing: Set<CommandID>, _ state: AppState,
        _ rect: Rect, _ scene: inout Scene
    ) {
        let theme = scene.theme
        let base = isCursor ? theme.cursor : theme.text
        switch row {
        case .problem(let text):
            let shown = text.drop { $0 != " " }.dropFirst()
            scene.write(
                "! \(shown)", x: rect.x + 1, y: rect.y, style: isCursor ? base : theme.warning,
                columns: rect.columns - 2)
        case .command(let command):
            let keys = state.keymap.keys(of: command.id)
            let mark = clashing.contains(command.id) ? "!" : (keys == command.keys ? " " : "*")
            scene.write(
                mark, x: rect.x + 1, y: rect.y,
                style: isCursor ? base : (mark == "!" ? theme.warning : theme.accent))
            let text = shown(keys, scene.symbols)
            scene.write(
                text.isEmpty ? "none" : text, x: rect.x + 3, y: rect.y,
                style: isCursor ? base : (text.isEmpty ? theme.faint : theme.key), columns: 14)
            scene.write(
                command.title, x: rect.x + 18, y: rect.y, style: base, columns: rect.columns - 19)
        }
    }

    private static func shown(_ keys: [KeySequence], _ symbols: Symbols) -> String {
        keys.map { $0.display(ascii: symbols.isASCII) }.joined(separator: "  ")
    }

    private static func drawDetail(
        _ row: KeyRow, _ state: AppState, _ area: Rect, _ scene: inout Scene
    ) {
        switch row {
        case .problem(let text):
            let inside = scene.panel(area, title: "Problem").inset(horizontal: 1, vertical: 0)
            let key = state.keymap.keys(of: "settings.edit_keymap").first?.display() ?? ":"
            scene.paragraph("\(text)\n\n\(key) opens the file in your editor.", in: inside)
        case .command(let command):
            let inside = scene.panel(area, title: command.title).inset(horizontal: 1, vertical: 0)
            let keys = state.keymap.keys(of: command.id)
            var facts = [
                ("name", command.id.name), ("works", command.scope.title),
                ("keys", keys.isEmpty ? "none" : shown(keys, scene.symbols)),
            ]
            if keys != command.keys {
                facts.append(
                    ("default", command.keys.isEmpty ? "none" : shown(command.keys, scene.symbols)))
            }
            if let remark = KeyConflict.remark(on: command, in: state.keymap) {
                facts.append(("note", remark))
            }
            let used = scene.paragraph(command.help, in: inside)
            let gap = inside.rows >= used + facts.count + 1 ? 1 : 0
            let (_, rest) = inside.split(top: used + gap)
            SettingsView.facts(facts.map { (name: $0.0, value: $0.1) }, in: rest, into: &scene)
        }
    }
}
