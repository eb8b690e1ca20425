import ConceptDB
import TerminalUI

/// Asks for tags to add and remove, and offers those there are.
struct TagOverlay: AppOverlay {
    let title: String
    private let ids: [Int64]
    /// How many of the concepts have each tag.
    private let present: [String: Int]
    private let known: [NamedCount]
    private let index: FuzzyIndex
    private var field = TextField(maximumLength: 500)
    private var offered: [Int]
    private var position = ListPosition()

    init(_ concepts: [Concept], known: [NamedCount]) {
        ids = concepts.map(\.id)
        title =
            concepts.count == 1
            ? "Tags of \(concepts[0].name)" : "Tags of \(concepts.count) concepts"
        var present: [String: Int] = [:]
        for tag in concepts.lazy.flatMap(\.tags) { present[tag, default: 0] += 1 }
        self.present = present
        // Those the concepts have come first: they are the ones to be taken away.
        self.known =
            known.filter { present[$0.name] != nil } + known.filter { present[$0.name] == nil }
        index = FuzzyIndex(self.known.map(\.name))
        offered = Array(self.known.indices)
    }

    func wantsText(_ state: AppState) -> Bool { true }

    func hints(_ state: AppState) -> [(key: String, word: String)] {
        [("⏎", "apply"), ("Tab", "take the tag"), ("↑↓", "choose"), ("Esc", "cancel")]
    }

    mutating func receive(_ input: OverlayInput, _ state: AppState) -> OverlayAnswer {
        switch input {
        case .key(let key): return receive(key)
        case .navigate(let movement): return move(movement)
        case .paste(let text):
            field.insert(text)
            offer()
            return .stay
        case .choose(let row):
            position.cursor = row
            take()
            return .stay
        case .message: return .stay
        }
    }

    private mutating func receive(_ key: Key) -> OverlayAnswer {
        switch key {
        case .control("n"): return move(.down)
        case .control("p"): return move(.up)
        case .control("s"): return apply()
        default: break
        }
        if let movement = InputReducer.movement(key), movement != .left, movement != .right {
            return move(movement)
        }
        if field.handle(key) == .changed { offer() }
        return .stay
    }

    private mutating func move(_ movement: Navigation) -> OverlayAnswer {
        switch movement {
        case .back: return .close
        case .activate:
            // Enter on a tag with nothing typed takes that tag.
            if field.isEmpty { take() }
            return apply()
        case .nextFocus, .previousFocus: take()
        default: position.move(movement, count: offered.count, page: 8)
        }
        return .stay
    }

    private func apply() -> OverlayAnswer {
        let changes = TagChanges(parsing: field.text)
        guard !changes.isEmpty else { return .close }
        return .finish(.concepts(.applyTags(changes, ids: ids)))
    }

    /// The tag that is being typed, with its sign.
    private var typed: (sign: Character?, word: Substring) {
        let last = field.text.split(separator: ",", omittingEmptySubsequences: false).last ?? ""
        let word = last.drop(while: \.isWhitespace)
        guard let sign = word.first, "+-".contains(sign) else { return (nil, word) }
        return (sign, word.dropFirst())
    }

    private mutating func offer() {
        position = ListPosition()
        let matcher = FuzzyMatcher(String(typed.word))
        offered = index.hits(matcher).map(\.index)
    }

    /// Puts the tag under the cursor in place of what is typed; what all have is taken away.
    private mutating func take() {
        guard offered.indices.contains(position.cursor) else { return }
        let tag = known[offered[position.cursor]].name
        let all = present[tag] == ids.count
        let sign = typed.sign.map(String.init) ?? (all ? "-" : "")
        var parts = field.text.split(separator: ",", omittingEmptySubsequences: false)
            .dropLast().map { $0.drop(while: \.isWhitespace) }
        parts.append(Substring(sign + tag))
        field.replace(with: parts.joined(separator: ", ") + ", ")
        offer()
    }

    // MARK: - Drawing

    func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let rect = area.centred(
            Size(columns: min(area.columns - 2, 64), rows: min(area.rows, 18)))
        scene.region(rect)
        let inside = scene.panel(
            rect, title: title, note: TextForm.count(known.count, "tag"), isFocused: true,
            fill: scene.theme.overlay
        ).inset(horizontal: 1, vertical: 0)
        scene.field(
            field, x: inside.x, y: inside.y, columns: inside.columns, isFocused: true,
            placeholder: "pet, indoor, -old: add, add, remove")
        let faint = scene.theme.faint.on(scene.theme.overlay.background)
        let (list, help) = inside.split(top: 2).1.split(bottom: 1)
        scene.write(
            "commas between tags; a minus removes one", x: help.x, y: help.y, style: faint,
            columns: help.columns)
        guard !offered.isEmpty else {
            let text = known.isEmpty ? "no tags yet; type the first one" : "a new tag"
            scene.note(text, list, faint)
            return
        }
        let changes = TagChanges(parsing: field.text)
        let first = position.firstVisible(count: offered.count, page: list.rows)
        scene.region(list, scroll: { .navigateOverlay($0 < 0 ? .up : .down) })
        for row in 0..<list.rows where first + row < offered.count {
            draw(first + row, changes, y: list.y + row, list, &scene)
        }
        scene.scrollBar(list, first: first, visible: list.rows, total: offered.count)
    }

    private func draw(
        _ row: Int, _ changes: TagChanges, y: Int, _ list: Rect, _ scene: inout Scene
    ) {
        let tag = known[offered[row]]
        let background = scene.theme.overlay.background
        let isCursor = row == position.cursor
        let style = isCursor ? scene.theme.cursor : scene.theme.text.on(background)
        let line = Rect(x: list.x, y: y, columns: list.columns - 1, rows: 1)
        if isCursor { scene.frame.fill(line, style: style) }
        scene.write(sign(tag.name, changes), x: list.x, y: y, style: style)
        let count = "\(tag.count)"
        let width = TerminalText.width(count)
        scene.highlighted(
            tag.name, matched: FuzzyMatcher(String(typed.word)).match(tag.name)?.positions ?? [],
            x: list.x + 4, y: y, columns: list.columns - 6 - width, style: style)
        scene.write(
            count, x: line.right - width, y: y,
            style: isCursor ? style : scene.theme.faint.on(background))
        scene.region(line, press: .overlayChoice(row))
    }

    /// Whether the concepts have the tag, or will.
    private func sign(_ tag: String, _ changes: TagChanges) -> String {
        if changes.adding.contains(tag) { return "[+]" }
        if changes.removing.contains(tag) { return "[-]" }
        switch present[tag] {
        case nil: return "[ ]"
        case ids.count: return "[x]"
        default: return "[~]"
        }
    }
}
