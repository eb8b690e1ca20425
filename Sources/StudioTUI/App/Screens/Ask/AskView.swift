import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

/// Draws the query above, the picture on the left and the caption on the right.
enum AskView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let layout = AskLayout(area: area, state)
        for index in layout.slots.indices {
            AskSlotView.draw(index, layout.slots[index], layout.isRoomy, state, &scene)
        }
        drawQuestion(state, layout, &scene)
        drawPicture(state, layout, &scene)
        AskCaptionView.draw(state, layout, &scene)
    }

    /// The keys of a command as the user has them, for texts that name one.
    static func key(_ command: CommandID, _ state: AppState, _ scene: Scene) -> String {
        state.keymap.keys(of: command).first.map { $0.display(ascii: scene.symbols.isASCII) }
            ?? ":"
    }

    /// The caption as it is copied.
    static func plainText(_ caption: AskCaption) -> String { caption.text }

    /// What is said about a caption below it.
    static func marks(of caption: AskCaption, _ symbols: Symbols) -> [TaggedText] {
        var marks: [TaggedText] = []
        if caption.phase == .cancelled {
            let count = TextForm.count(
                caption.facts?.usage?.generatedTokens ?? caption.tokens, "token")
            marks.append(TaggedText("(cancelled) after \(count)", .warning))
        }
        if let facts = caption.facts { marks += facts.marks(symbols) }
        return marks
    }

    // MARK: - Question

    private static func drawQuestion(_ state: AppState, _ layout: AskLayout, _ scene: inout Scene) {
        let isFocused = state.ask.focus == .question && state.overlays.isEmpty
        var line = layout.question
        scene.region(layout.question, press: .ask(.focus(.question)))
        if layout.isRoomy {
            let keys =
                "\(key("ask.question", state, scene)) edit, "
                + "\(key("ask.questions", state, scene)) choose"
            line = scene.panel(
                layout.question, title: "Question",
                note: isFocused
                    ? "\(scene.symbols.arrow.up)\(scene.symbols.arrow.down) earlier ones" : keys,
                isFocused: state.ask.focus == .question
            ).inset(horizontal: 1, vertical: 0)
        } else {
            let width = scene.write(
                "Question ", x: line.x, y: line.y,
                style: state.ask.focus == .question ? scene.theme.accent : scene.theme.faint)
            line = line.split(left: width).1
        }
        if state.ask.focus == .question {
            return scene.field(
                state.ask.question, x: line.x, y: line.y, columns: line.columns,
                isFocused: isFocused, placeholder: AskQuery.usualQuestion(state))
        }
        // While it is not edited, it is shown as the model will read it.
        let question = AskQuery.filledQuestion(state)
        let isUsual = state.ask.question.text.allSatisfy(\.isWhitespace)
        let used = scene.write(
            question, x: line.x, y: line.y, style: isUsual ? scene.theme.faint : scene.theme.text,
            columns: line.columns)
        let note = "  the usual question"
        if isUsual, used + TerminalText.width(note) <= line.columns {
            scene.write(note, x: line.x + used, y: line.y, style: scene.theme.faint)
        }
    }

    // MARK: - Picture

    private static func drawPicture(_ state: AppState, _ layout: AskLayout, _ scene: inout Scene) {
        let isFocused = state.ask.focus == .picture
        guard let picture = state.ask.picture else {
            let inside = scene.panel(layout.picture, title: "Picture", isFocused: isFocused)
            scene.region(layout.picture, press: .ask(.choosePicture))
            scene.emptyState(
                "No picture yet",
                [
                    "\(key("ask.picture", state, scene)) opens a file,",
                    "\(key("ask.samples", state, scene)) one of the samples;",
                    "or paste the path of one.",
                ], in: inside)
            if isFocused { scene.frame.cursor = Point(x: inside.x, y: inside.y) }
            return
        }
        var facts = picture.width > 0 ? ["\(picture.width)x\(picture.height)"] : []
        if !picture.kind.isEmpty { facts.append(picture.kind) }
        if let note = AskSuggestionView.note(state) { facts = [note] }
        let inside = scene.panel(
            layout.picture, title: picture.title, note: facts.joined(separator: " "),
            isFocused: isFocused)
        scene.region(layout.picture, press: .ask(.focus(.picture)))
        scene.picture(
            PictureRequest(
                source: AskSuggestionView.framed(state) ?? picture.source, box: inside.size,
                priority: 0, magnification: 8,
                label: picture.title),
            in: inside)
        if isFocused { scene.frame.cursor = Point(x: layout.picture.x + 2, y: layout.picture.y) }
    }
}

/// One of the four places for concepts.
enum AskSlotView {
    static func draw(
        _ index: Int, _ rect: Rect, _ isRoomy: Bool, _ state: AppState, _ scene: inout Scene
    ) {
        let isFocused = state.ask.focus == .slot(index)
        let slot = index < state.ask.slots.count ? state.ask.slots[index] : nil
        if let found = state.ask.suggestion(in: index) {
            return AskSuggestionView.draw(found, index, rect, isRoomy, state, &scene)
        }
        scene.region(
            rect,
            press: isFocused && slot == nil
                ? .ask(.chooseConcept) : .ask(.focus(.slot(index))))
        if isRoomy {
            drawBox(index, slot, rect, isFocused, state, &scene)
        } else {
            drawCompact(index, slot, rect, isFocused, state, &scene)
        }
    }

    /// One line: `[1 Milo      ✗]`.
    private static func drawCompact(
        _ index: Int, _ slot: AskSlot?, _ rect: Rect, _ isFocused: Bool, _ state: AppState,
        _ scene: inout Scene
    ) {
        let width = rect.columns - 1
        let frame = isFocused ? scene.theme.cursor : scene.theme.border
        if isFocused {
            scene.frame.fill(
                Rect(x: rect.x, y: rect.y, columns: width, rows: 1), style: scene.theme.cursor)
            scene.frame.cursor = Point(x: rect.x + 1, y: rect.y)
        }
        scene.write("[", x: rect.x, y: rect.y, style: frame)
        scene.write("]", x: rect.x + width - 1, y: rect.y, style: frame)
        guard let slot else {
            let isNext = index == state.ask.slots.count
            let hint = isNext ? " \(AskView.key("ask.add_concept", state, scene)) adds" : ""
            scene.write(
                "\(index + 1) +\(hint)", x: rect.x + 1, y: rect.y,
                style: isFocused ? frame : scene.theme.faint, columns: width - 2)
            return
        }
        var style = scene.theme.concept(index)
        if isFocused { style = style.on(frame.background) }
        let sign = slot.problem == nil ? "" : "!"
        scene.write(
            "\(index + 1)\(sign) \(slot.name)", x: rect.x + 1, y: rect.y, style: style,
            columns: width - 4)
        removal(index, Point(x: rect.x + width - 2, y: rect.y), isFocused ? frame : nil, &scene)
    }

    private static func drawBox(
        _ index: Int, _ slot: AskSlot?, _ rect: Rect, _ isFocused: Bool, _ state: AppState,
        _ scene: inout Scene
    ) {
        let inside = scene.panel(
            rect, title: slot == nil ? "\(index + 1)" : "", isFocused: isFocused)
        if isFocused { scene.frame.cursor = Point(x: rect.x + 2, y: rect.y) }
        guard let slot else {
            let isNext = index == state.ask.slots.count
            let text =
                isNext ? "\(AskView.key("ask.add_concept", state, scene)) adds a concept" : "+"
            scene.note(text, inside, scene.theme.faint)
            return
        }
        let name = TerminalText.truncated(
            TerminalText.sanitized("\(index + 1) \(slot.name)"), to: rect.columns - 8,
            ellipsis: scene.symbols.ellipsis)
        let end = scene.write(" ", x: rect.x + 1, y: rect.y)
        let width = scene.write(
            name, x: rect.x + 1 + end, y: rect.y, style: scene.theme.concept(index))
        scene.write(" ", x: rect.x + 1 + end + width, y: rect.y)
        removal(index, Point(x: rect.right - 3, y: rect.y), nil, &scene)
        let (thumbnail, words) = inside.split(left: min(inside.rows * 2 + 1, inside.columns / 2))
        if let cover = slot.cover {
            let file = state.places.home.library.appendingPathComponent(cover.path)
            scene.picture(
                PictureRequest(
                    source: .stored(sha256: cover.sha256, file: file), box: thumbnail.size,
                    magnification: 4, label: slot.name),
                in: thumbnail)
        }
        let text = words.split(left: 1).1
        if let problem = slot.problem {
            scene.paragraph(
                "\(scene.symbols.cross) \(problem)", in: text, style: scene.theme.bad)
        } else {
            scene.paragraph(
                slot.info.isEmpty ? "no info line" : slot.info, in: text, style: scene.theme.faint)
        }
    }

    /// A sign that the mouse takes the concept out with.
    private static func removal(
        _ index: Int, _ point: Point, _ style: Style?, _ scene: inout Scene
    ) {
        scene.write(
            scene.symbols.cross, x: point.x, y: point.y, style: style ?? scene.theme.faint)
        scene.region(
            Rect(x: point.x - 1, y: point.y, columns: 3, rows: 1), press: .ask(.removeSlot(index)))
    }
}
