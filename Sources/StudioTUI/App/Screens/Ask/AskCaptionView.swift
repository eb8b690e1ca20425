import Foundation
import TerminalUI
import VLMRuntime

/// Draws the caption: what goes on before the first token, the text, and what is known of it after.
enum AskCaptionView {
    static func draw(_ state: AppState, _ layout: AskLayout, _ scene: inout Scene) {
        let isFocused = state.ask.focus == .caption
        let caption = state.ask.current
        let titleText = title(state, caption)
        let inside = scene.panel(
            layout.caption, title: titleText,
            note: note(
                caption, state, room: layout.caption.columns - TerminalText.width(titleText) - 9),
            isFocused: isFocused)
        scene.region(
            layout.caption, press: .ask(.focus(.caption)), scroll: { .ask(.scroll($0)) })
        if isFocused {
            scene.frame.cursor = Point(x: layout.caption.x + 2, y: layout.caption.y + 1)
        }
        guard let caption else { return drawEmpty(state, inside, &scene) }
        if caption.isRunning, caption.isEmpty {
            drawStage(caption, state, inside, &scene)
        } else if case .failed(let reason) = caption.phase {
            drawFailure(reason, caption, layout, state, &scene)
        } else {
            drawText(caption, layout, state, &scene)
        }
        drawDetails(caption, layout, state, &scene)
    }

    // MARK: - Title

    private static func title(_ state: AppState, _ caption: AskCaption?) -> String {
        guard let caption else { return "Caption" }
        let captions = state.ask.captionsOfPicture
        guard captions.count > 1, let place = captions.firstIndex(where: { $0.id == caption.id })
        else { return "Caption" }
        return "Caption \(place + 1)/\(captions.count)"
    }

    /// The longest of several ways to say it that fits.
    private static func note(_ caption: AskCaption?, _ state: AppState, room: Int) -> String {
        guard let caption else { return "" }
        let forms = notes(caption, state)
        return forms.first { TerminalText.width($0) <= room } ?? ""
    }

    private static func notes(_ caption: AskCaption, _ state: AppState) -> [String] {
        if caption.isRunning, !caption.follows {
            let key = state.keymap.keys(of: "ask.follow").first?.display(ascii: true) ?? ":"
            return ["paused, \(key) follows", "paused"]
        }
        let first = caption.facts?.timings?.firstToken ?? caption.secondsToFirst
        let speed = caption.facts?.timings?.tokensPerSecond ?? caption.tokensPerSecond
        guard let first, first > 0 else { return [] }
        let firstText = CaptionFacts.figure(first, first < 10 ? 2 : 1)
        guard let speed, speed > 0 else {
            return ["first token after \(firstText) s", "first \(firstText) s"]
        }
        let speedText = CaptionFacts.figure(speed, 1)
        return [
            "first token after \(firstText) s, \(speedText) tokens/s",
            "first \(firstText) s, \(speedText) tok/s", "\(firstText) s \(speedText) tok/s",
            "\(speedText) tok/s",
        ]
    }

    // MARK: - Text

    private static func drawText(
        _ caption: AskCaption, _ layout: AskLayout, _ state: AppState, _ scene: inout Scene
    ) {
        var shown = caption
        shown.fit(columns: layout.textColumns)
        let rows = layout.text.rows
        let first = shown.firstLine(rows: rows)
        let lines = shown.flow.lines(first..<first + rows)
        scene.caption(lines, in: layout.text)
        scene.scrollBar(layout.text, first: first, visible: rows, total: shown.flow.count)
        if caption.isRunning {
            drawCursor(lines, first + lines.count == shown.flow.count, layout.text, &scene)
        } else if caption.isEmpty {
            scene.write(
                caption.phase == .cancelled ? "cancelled before the first word" : "no text",
                x: layout.text.x, y: layout.text.y, style: scene.theme.faint,
                columns: layout.text.columns)
        }
        let marks = AskView.marks(of: caption, scene.symbols)
        scene.caption(
            CaptionMarks.rows(marks, columns: layout.marks.columns), in: layout.marks)
    }

    /// A sign behind the last word while more is to come.
    private static func drawCursor(
        _ lines: [CaptionFlow.Line], _ isAtEnd: Bool, _ rect: Rect, _ scene: inout Scene
    ) {
        guard isAtEnd, let last = lines.last, last.width < rect.columns - 1 else { return }
        scene.write(
            scene.symbols.bar.full, x: rect.x + last.width, y: rect.y + lines.count - 1,
            style: scene.theme.accent)
    }

    /// What goes on before the first token: the stage, how far it is, and for how long.
    private static func drawStage(
        _ caption: AskCaption, _ state: AppState, _ inside: Rect, _ scene: inout Scene
    ) {
        let area = inside.inset(horizontal: 2, vertical: 0)
        let top = area.y + max(0, (area.rows - 4) / 2)
        let elapsed = (state.now - caption.startedAt).inSeconds
        let room = Rect(x: area.x, y: top, columns: area.columns, rows: area.bottom - top)
        let below =
            top
            + scene.paragraph(
                "\(caption.stage)\(scene.symbols.ellipsis)", in: room, style: scene.theme.strong)
        guard below + 1 < area.bottom else { return }
        if let fraction = caption.fraction {
            scene.progressBar(
                x: area.x, y: below, columns: min(area.columns, 50), fraction: fraction)
        }
        let key = AskView.key("ask.cancel", state, scene)
        scene.write(
            "\(CaptionFacts.figure(elapsed, 1)) s, \(key) cancels", x: area.x, y: below + 1,
            style: scene.theme.faint, columns: area.columns)
    }

    private static func drawFailure(
        _ reason: String, _ caption: AskCaption, _ layout: AskLayout, _ state: AppState,
        _ scene: inout Scene
    ) {
        var y = layout.text.y
        y += scene.paragraph(
            "\(scene.symbols.cross) \(reason)", in: layout.text, style: scene.theme.bad)
        let again = AskView.key("ask.run", state, scene)
        let model = AskView.key("ask.model", state, scene)
        let rest = Rect(
            x: layout.text.x, y: y + 1, columns: layout.text.columns,
            rows: layout.text.bottom - y - 1)
        scene.paragraph(
            "\(again) tries again, \(model) chooses another model; Settings shows and checks "
                + "the models.", in: rest, style: scene.theme.faint)
    }

    // MARK: - Details

    private static func drawDetails(
        _ caption: AskCaption, _ layout: AskLayout, _ state: AppState, _ scene: inout Scene
    ) {
        let rect = layout.details
        guard rect.rows > 0 else { return }
        var lines: [String] = []
        if let facts = caption.facts {
            lines = ["\(facts.writer), \(facts.settings)", facts.question]
        } else {
            lines = [modelLine(state), caption.job.question ?? AskQuery.usualQuestion(state)]
        }
        let place = place(of: caption, state, scene)
        let all = rect.rows >= 3 ? [lines[1], lines[0], place] : ["\(place); \(lines[0])"]
        for (row, line) in all.prefix(rect.rows).enumerated() {
            scene.write(
                line, x: rect.x, y: rect.y + row, style: scene.theme.faint, columns: rect.columns)
        }
    }

    private static func place(
        of caption: AskCaption, _ state: AppState, _ scene: Scene
    ) -> String {
        if let id = caption.savedID { return "kept in the history as \(id)" }
        if caption.isRunning { return "being written" }
        guard caption.savable != nil else { return "not kept" }
        return "not kept, \(AskView.key("ask.save", state, scene)) keeps it"
    }

    private static func modelLine(_ state: AppState) -> String {
        if let engines = state.settings.engineWish { return engines.line }
        let adapter = state.ask.adapterWish.map { " + \($0)" } ?? ""
        return switch state.model {
        case .idle:
            state.ask.model.map { "\($0.name)\(adapter), not loaded yet" } ?? "no model loaded"
        case .ready: state.ask.model.map { $0.name + adapter } ?? state.model.label
        default: state.model.label
        }
    }

    // MARK: - Nothing yet

    private static func drawEmpty(_ state: AppState, _ inside: Rect, _ scene: inout Scene) {
        if let model = state.ask.model, let problem = model.problem {
            let key = AskView.key("ask.model", state, scene)
            return scene.emptyState(
                "No model to ask", [problem, "\(key) chooses another one."], in: inside)
        }
        let add = AskView.key("ask.add_concept", state, scene)
        guard state.ask.picture != nil else {
            return scene.emptyState(
                "No caption yet",
                [
                    "Choose a picture and up to four concepts that may be in it; the caption "
                        + "calls them by their names."
                ], in: inside)
        }
        let run = AskView.key("ask.run", state, scene)
        var lines = ["\(run) writes the caption."]
        if state.ask.slots.count < 4 {
            lines.append(
                state.library.concepts.isEmpty
                    ? "Concepts you register on screen 1 can be named in it."
                    : "\(add) adds a concept that may be in the picture, "
                        + "\(AskView.key("ask.suggest", state, scene)) looks who is.")
        }
        lines.append(modelLine(state))
        scene.emptyState("Ready", lines, in: inside)
    }
}
