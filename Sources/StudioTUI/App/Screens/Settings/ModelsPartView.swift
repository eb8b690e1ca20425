import TerminalUI

/// The models: what there is, which is in use, and everything known about one.
enum ModelsPartView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let rows = ModelRow.rows(state)
        let (list, detail) = SettingsView.split(area, rows: max(rows.count, 3), detail: 9)
        let inside = scene.panel(
            list, title: "Models", note: rows.isEmpty ? "" : "\(rows.count)", isFocused: true)
        guard !rows.isEmpty else {
            let add = state.keymap.keys(of: "settings.add_model").first?.display() ?? ":"
            scene.emptyState(
                "No models",
                [
                    "The embedded model is not beside the program.",
                    "Press \(add) to add a checkpoint folder.",
                ], in: inside)
            return
        }
        let position = state.settingsScreen.models
        let first = position.firstVisible(count: rows.count, page: inside.rows)
        scene.region(inside, scroll: { .navigate($0 < 0 ? .up : .down) })
        for row in 0..<inside.rows where first + row < rows.count {
            draw(rows[first + row], first + row, state, inside, y: inside.y + row, &scene)
        }
        scene.scrollBar(inside, first: first, visible: inside.rows, total: rows.count)
        if let row = ModelRow.current(state) {
            let inside = scene.panel(detail, title: row.name)
            drawDetail(row, state, inside.inset(horizontal: 1, vertical: 0), &scene)
        }
    }

    private static func draw(
        _ row: ModelRow, _ index: Int, _ state: AppState, _ list: Rect, y: Int,
        _ scene: inout Scene
    ) {
        let isCursor = index == state.settingsScreen.models.cursor
        let columns = list.columns - 1
        let base = isCursor ? scene.theme.cursor : scene.theme.text
        if isCursor {
            scene.frame.fill(Rect(x: list.x, y: y, columns: columns, rows: 1), style: base)
            scene.frame.cursor = Point(x: list.x, y: y)
        }
        let mark = row.isInUse ? scene.symbols.selected : scene.symbols.unselected
        let notes = [
            state.settingsScreen.folders[row.path]?.problem == nil
                ? nil : "\(scene.symbols.cross) problem",
            row.isLoaded(state) ? "loaded" : nil, row.isInUse ? "in use" : nil,
            row.isEmbedded ? "embedded" : row.addedAt.map { String("\($0)".prefix(10)) },
        ]
        let note = notes.compactMap { $0 }.joined(separator: " \(scene.symbols.separator) ")
        let size = row.parameters.map(ModelFacts.parameterText) ?? ""
        let sizeColumn = list.columns >= 60 && !size.isEmpty ? TerminalText.width(size) + 2 : 0
        let noteColumn = TerminalText.width(note) + 2
        scene.write("\(mark) ", x: list.x + 1, y: y, style: base)
        scene.write(
            row.name, x: list.x + 3, y: y, style: base,
            columns: max(4, columns - 4 - noteColumn - sizeColumn))
        let noteStart = list.x + columns - noteColumn + 1
        if sizeColumn > 0 {
            scene.write(size, x: noteStart - sizeColumn, y: y, style: base)
        }
        scene.write(note, x: noteStart, y: y, style: isCursor ? base : scene.theme.faint)
        scene.region(
            Rect(x: list.x, y: y, columns: columns, rows: 1),
            press: .settings(.select(.models, index)))
    }

    private static func drawDetail(
        _ row: ModelRow, _ state: AppState, _ area: Rect, _ scene: inout Scene
    ) {
        let folder = state.settingsScreen.folders[row.path]
        var facts: [(name: String, value: String)] = [
            ("state", use(row, state)), ("folder", row.path), ("family", row.family),
        ]
        if let count = row.parameters {
            facts.append(("size", "\(ModelFacts.parameterText(count)) parameters"))
        }
        if let added = row.addedAt { facts.append(("added", String("\(added)".prefix(10)))) }
        if let problem = folder?.problem {
            facts.append(("problem", "\(scene.symbols.cross) \(problem)"))
        } else if let folder {
            facts.append(("weights", TextForm.bytes(folder.bytes)))
        }
        if let memory = memoryNote(folder, state) { facts.append(("memory", memory)) }
        let used = SettingsView.facts(facts, in: area, into: &scene)
        let (_, rest) = area.split(top: used + 1)
        guard let lines = state.settingsScreen.inspected[row.path] else {
            let key = state.keymap.keys(of: "settings.inspect_model").first?.display() ?? ":"
            scene.paragraph(
                "\(key) checks every file and shows layers, widths and prompts.", in: rest,
                style: scene.theme.faint)
            return
        }
        scene.paragraph(lines.joined(separator: "\n"), in: rest)
    }

    private static func use(_ row: ModelRow, _ state: AppState) -> String {
        guard row.isInUse else {
            let key = state.keymap.keys(of: "settings.use_model").first?.display() ?? ":"
            return "not in use; \(key) makes captions with it"
        }
        switch state.model {
        case .ready(let name, let seconds, _) where name == row.name:
            return "in use, loaded in \(TextForm.seconds(seconds))"
        case .loading(let name) where name == row.name: return "in use, loading"
        case .failed: return "in use, but could not be loaded"
        default:
            let key = state.keymap.keys(of: "settings.load_model").first?.display() ?? ":"
            return "in use; the first caption loads it, or \(key) now"
        }
    }

    /// Whether the weights fit into memory, in words.
    static func memoryNote(_ folder: ModelFolder?, _ state: AppState) -> String? {
        guard let memory = state.settingsScreen.memory, memory.total > 0 else { return nil }
        let free =
            "\(TextForm.bytes(memory.available)) of \(TextForm.bytes(memory.total)) are free; "
            + "the studio holds \(TextForm.bytes(memory.own))"
        guard let bytes = folder?.bytes, bytes > memory.available else { return free }
        return "! more than is free: it would be read from disk over and over. \(free)"
    }
}
