import TerminalUI

/// One question of a form.
struct FormField: Sendable {
    enum Kind: Sendable {
        case text
        /// Several lines.
        case paragraph(rows: Int)
        /// A path as in a shell, completed with Tab.
        case path(foldersOnly: Bool)
        /// One of these, changed with ← and →.
        case choice([String])
        case toggle
    }

    let key: String
    let label: String
    let kind: Kind
    /// A hint shown while the field is empty.
    var placeholder = ""
    /// One sentence shown while the field has the focus.
    var help = ""
    var value = ""
}

/// What the user put in, by the keys of the fields.
typealias FormValues = [String: String]

/// A form: text fields, choices and switches, checked before it closes.
struct FormOverlay: AppOverlay {
    let title: String
    private let intro: String
    private let submitWord: String
    private var fields: [FormField]
    private var editors: [TextField]
    private var focus = 0
    private var problem: String?
    private var candidates: [String] = []
    /// Returns what is wrong with the values, if anything.
    private let check: @Sendable (FormValues, AppState) -> String?
    private let submit: @Sendable (FormValues) -> AppAction

    init(
        title: String, intro: String = "", submitWord: String, fields: [FormField], focus: Int = 0,
        check: @escaping @Sendable (FormValues, AppState) -> String? = { _, _ in nil },
        submit: @escaping @Sendable (FormValues) -> AppAction
    ) {
        self.title = title
        self.intro = intro
        self.submitWord = submitWord
        self.fields = fields
        self.focus = focus
        self.check = check
        self.submit = submit
        editors = fields.map { field in
            var isMultiline = false
            if case .paragraph = field.kind { isMultiline = true }
            return TextField(field.value, isMultiline: isMultiline)
        }
    }

    func wantsText(_ state: AppState) -> Bool { true }

    func hints(_ state: AppState) -> [(key: String, word: String)] {
        var hints = [("⏎", submitWord), ("Tab", "next"), ("Esc", "cancel")]
        switch fields[focus].kind {
        case .path: hints[1] = ("Tab", "complete")
        case .choice, .toggle: hints.insert(("←→", "change"), at: 1)
        case .paragraph: hints[0] = ("^S", submitWord)
        case .text: break
        }
        return hints
    }

    private var values: FormValues {
        Dictionary(
            zip(fields.map(\.key), editors.map(\.text)), uniquingKeysWith: { first, _ in first })
    }

    mutating func receive(_ input: OverlayInput, _ state: AppState) -> OverlayAnswer {
        switch input {
        case .key(let key): return receive(key, state)
        case .navigate(let movement): return move(movement, state)
        case .paste(let text):
            problem = nil
            editors[focus].insert(text)
            return .stay
        case .choose(let index):
            if index < fields.count { focus = index }
            return index == fields.count ? finish(state) : .stay
        case .message(.completions(let typed, let found)): return complete(typed, found)
        case .message: return .stay
        }
    }

    private mutating func receive(_ key: Key, _ state: AppState) -> OverlayAnswer {
        problem = nil
        if key == .control("s") { return finish(state) }
        switch fields[focus].kind {
        case .choice(let choices):
            if key.code == .left || key.code == .right || key.typed == " " {
                step(choices, by: key.code == .left ? -1 : 1)
                return .stay
            }
        case .toggle:
            if key.code == .left || key.code == .right || key.typed == " " {
                editors[focus] = TextField(editors[focus].text == "yes" ? "no" : "yes")
                return .stay
            }
        case .path(let foldersOnly):
            if key.code == .tab, key.modifiers.isEmpty, !editors[focus].text.isEmpty {
                return .effects([
                    .completePath(editors[focus].text, foldersOnly: foldersOnly)
                ])
            }
            fallthrough
        case .text:
            if editors[focus].handle(key) != .ignored {
                candidates = []
                return .stay
            }
        case .paragraph:
            if key.code == .enter || [.up, .down].contains(key.code) {
                if editors[focus].handle(key) != .ignored { return .stay }
            } else if editors[focus].handle(key) != .ignored {
                return .stay
            }
        }
        guard let movement = InputReducer.movement(key) else { return .stay }
        return move(movement, state)
    }

    private mutating func move(_ movement: Navigation, _ state: AppState) -> OverlayAnswer {
        candidates = []
        switch movement {
        case .back: return .close
        case .activate: return finish(state)
        case .down, .nextFocus: focus = (focus + 1) % fields.count
        case .up, .previousFocus: focus = (focus + fields.count - 1) % fields.count
        default: break
        }
        return .stay
    }

    private mutating func step(_ choices: [String], by distance: Int) {
        guard !choices.isEmpty else { return }
        let now = choices.firstIndex(of: editors[focus].text) ?? 0
        let next = (now + distance + choices.count) % choices.count
        editors[focus] = TextField(choices[next])
    }

    private mutating func complete(_ typed: String, _ found: PathCompletion) -> OverlayAnswer {
        guard editors[focus].text == typed else { return .stay }
        problem = found.problem
        if problem == nil, found.candidates.isEmpty { problem = "nothing here starts like that" }
        editors[focus].replace(with: found.common)
        candidates =
            found.total > 1 ? found.candidates.map { $0.isFolder ? $0.name + "/" : $0.name } : []
        return .stay
    }

    private mutating func finish(_ state: AppState) -> OverlayAnswer {
        if let problem = check(values, state) {
            self.problem = problem
            return .stay
        }
        return .finish(submit(values))
    }

    func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let width = min(area.columns - 2, 84)
        let labels = (fields.map { TerminalText.width($0.label) }.max() ?? 0) + 2
        let introLines = TerminalText.wrapped(intro, to: width - 4).filter { !$0.isEmpty }
        let rows =
            introLines.count + (introLines.isEmpty ? 0 : 1)
            + fields.reduce(0) { $0 + height($1) } + min(candidates.count, 6) + 6
        let rect = area.centred(Size(columns: width, rows: min(rows, area.rows)))
        scene.region(rect)
        let inside = scene.panel(rect, title: title, isFocused: true, fill: scene.theme.overlay)
            .inset(horizontal: 1, vertical: 0)
        let plain = scene.theme.text.on(scene.theme.overlay.background)
        let faint = scene.theme.faint.on(scene.theme.overlay.background)
        var y = inside.y
        for line in introLines {
            scene.write(line, x: inside.x, y: y, style: faint)
            y += 1
        }
        if !introLines.isEmpty { y += 1 }
        for (index, field) in fields.enumerated() {
            let isFocused = index == focus
            scene.write(
                field.label, x: inside.x, y: y,
                style: isFocused ? scene.theme.accent.on(plain.background) : plain)
            draw(
                field, index,
                Rect(
                    x: inside.x + labels, y: y, columns: inside.columns - labels,
                    rows: height(field)), isFocused, &scene)
            scene.region(
                Rect(x: inside.x, y: y, columns: inside.columns, rows: height(field)),
                press: .overlayChoice(index))
            y += height(field)
            if isFocused, !candidates.isEmpty {
                for candidate in candidates.prefix(6) {
                    scene.write(
                        candidate, x: inside.x + labels, y: y, style: faint,
                        columns: inside.columns - labels)
                    y += 1
                }
            }
        }
        let bottom = Rect(x: inside.x, y: y + 1, columns: inside.columns, rows: 2)
        if let problem {
            scene.paragraph(
                "\(scene.symbols.cross) \(problem)", in: bottom,
                style: scene.theme.bad.on(plain.background))
        } else {
            scene.paragraph(fields[focus].help, in: bottom, style: faint)
        }
    }

    private func height(_ field: FormField) -> Int {
        if case .paragraph(let rows) = field.kind { return rows }
        return 1
    }

    private func draw(
        _ field: FormField, _ index: Int, _ rect: Rect, _ isFocused: Bool, _ scene: inout Scene
    ) {
        let editor = editors[index]
        switch field.kind {
        case .text, .path:
            scene.field(
                editor, x: rect.x, y: rect.y, columns: rect.columns, isFocused: isFocused,
                placeholder: field.placeholder)
        case .paragraph:
            scene.frame.fill(rect, style: scene.theme.field)
            let shown = editor.lines(columns: rect.columns)
            let first = max(0, shown.cursorRow - rect.rows + 1)
            for (row, line) in shown.rows.dropFirst(first).prefix(rect.rows).enumerated() {
                scene.frame.write(
                    TerminalText.sanitized(line), x: rect.x, y: rect.y + row,
                    style: scene.theme.field, columns: rect.columns)
            }
            if isFocused {
                scene.frame.cursor = Point(
                    x: rect.x + shown.cursorColumn, y: rect.y + shown.cursorRow - first)
            }
        case .choice:
            let text = "\(scene.symbols.arrow.left) \(editor.text) \(scene.symbols.arrow.right)"
            scene.write(
                text, x: rect.x, y: rect.y, style: isFocused ? scene.theme.cursor : nil,
                columns: rect.columns)
            if isFocused { scene.frame.cursor = Point(x: rect.x + 2, y: rect.y) }
        case .toggle:
            let text = editor.text == "yes" ? "[x] yes" : "[ ] no"
            scene.write(
                text, x: rect.x, y: rect.y, style: isFocused ? scene.theme.cursor : nil,
                columns: rect.columns)
            if isFocused { scene.frame.cursor = Point(x: rect.x + 1, y: rect.y) }
        }
    }
}
