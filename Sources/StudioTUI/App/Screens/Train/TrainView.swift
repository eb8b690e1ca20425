import PersonalCaption
import TerminalUI

/// Draws the runs on the left and what is known of one on the right.
enum TrainView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let layout = TrainLayout(area: area, state)
        guard state.train.isRead else {
            scene.panel(area, title: "Train")
            return
        }
        guard !state.train.runs.isEmpty else { return drawEmpty(state, area, &scene) }
        if layout.list.columns > 0 { drawList(state, layout, &scene) }
        if layout.detail.columns > 0 { drawRun(state, layout, &scene) }
    }

    private static func drawEmpty(_ state: AppState, _ area: Rect, _ scene: inout Scene) {
        let inside = scene.panel(area, title: "Train", isFocused: true)
        scene.frame.cursor = Point(x: area.x + 2, y: area.y)
        if let own = state.train.own {
            return scene.emptyState("\(own.name) is about to begin", [], in: inside)
        }
        let new = AskView.key("train.new", state, scene)
        var lines = [
            "The model learns to recognise and name your concepts from scenes composed of their "
                + "pictures; nobody labels anything."
        ]
        if case .refused(let reason) = TrainCommands.mayTrain(state) {
            lines.append("Not now: \(reason).")
        } else {
            lines.append("\(new) or Enter opens the form; Enter twice more is enough.")
        }
        lines.append("Runs begun with 'studio train' show here as well.")
        scene.emptyState("Nothing trained yet", lines, in: inside)
        scene.region(area, press: .command("train.new"))
    }

    // MARK: - List

    private static func drawList(
        _ state: AppState, _ layout: TrainLayout, _ scene: inout Scene
    ) {
        let train = state.train
        scene.panel(
            layout.list, title: "Runs", note: "\(train.runs.count)",
            isFocused: train.focus == .list)
        scene.region(layout.rows, scroll: { .train(.scroll($0)) })
        let first = train.position.firstVisible(count: train.runs.count, page: layout.entries)
        for row in 0..<layout.entries where first + row < train.runs.count {
            let rect = Rect(
                x: layout.rows.x, y: layout.rows.y + row * TrainLayout.rowsOfEntry,
                columns: layout.rows.columns - 1, rows: TrainLayout.rowsOfEntry)
            drawEntry(
                train.runs[first + row], first + row == train.position.cursor, rect, state, &scene)
            scene.region(rect, press: .train(.moveTo(first + row)))
        }
        scene.scrollBar(
            layout.rows, first: first, visible: layout.entries, total: train.runs.count)
    }

    private static func drawEntry(
        _ run: TrainedRun, _ isCursor: Bool, _ rect: Rect, _ state: AppState,
        _ scene: inout Scene
    ) {
        let hasFocus = state.train.focus == .list
        let look = isCursor ? (hasFocus ? scene.theme.cursor : scene.theme.restingCursor) : nil
        if let look { scene.frame.fill(rect, style: look) }
        if isCursor, hasFocus { scene.frame.cursor = Point(x: rect.x, y: rect.y) }
        scene.write(
            sign(run, scene.symbols), x: rect.x, y: rect.y,
            style: look ?? style(run, scene.theme))
        let word = run.word
        let width = TerminalText.width(word)
        scene.write(
            run.name, x: rect.x + 2, y: rect.y, style: look ?? scene.theme.strong,
            columns: rect.columns - width - 3)
        scene.write(
            word, x: rect.right - width, y: rect.y, style: look ?? style(run, scene.theme))
        let steps = run.settings?.steps ?? run.course.steps
        var facts = ["\(run.course.step)/\(steps)"]
        if let score = scores(run, scene.symbols) { facts.append(score) }
        if !run.subject.isEmpty { facts.append(run.subject) }
        scene.write(
            facts.joined(separator: "  "), x: rect.x + 2, y: rect.y + 1,
            style: look ?? scene.theme.faint, columns: rect.columns - 2)
    }

    /// "0.41 → 0.73": names right on held-out scenes before and at best.
    private static func scores(_ run: TrainedRun, _ symbols: Symbols) -> String? {
        guard let before = run.course.before else { return nil }
        let first = CaptionFacts.figure(before.f1, 2)
        guard let best = run.course.best, best.step > 0 else { return "names \(first)" }
        let arrow = symbols.arrow.right
        return "names \(first) \(arrow) \(CaptionFacts.figure(best.report.f1, 2))"
    }

    static func sign(_ run: TrainedRun, _ symbols: Symbols) -> String {
        switch run.phase {
        case .running, .stopping: symbols.pointer
        case .paused: "="
        case .done: run.isKept ? symbols.selected : symbols.check
        case .stopped: symbols.unselected
        case .failed, .damaged: symbols.cross
        }
    }

    static func style(_ run: TrainedRun, _ theme: Theme) -> Style {
        switch run.phase {
        case .running, .stopping: theme.accent
        case .paused, .stopped: theme.warning
        case .done: theme.good
        case .failed, .damaged: theme.bad
        }
    }

    // MARK: - One run

    private static func drawRun(
        _ state: AppState, _ layout: TrainLayout, _ scene: inout Scene
    ) {
        guard let run = state.train.current else { return }
        let isFocused = state.train.focus == .detail
        scene.panel(layout.detail, title: run.name, note: note(run), isFocused: isFocused)
        scene.region(
            layout.detail, press: .train(.focus(.detail)), scroll: { .train(.scroll($0)) })
        drawTabs(state, layout.tabs, &scene)
        if isFocused { scene.frame.cursor = Point(x: layout.tabs.x, y: layout.tabs.y) }
        if case .damaged(let reason) = run.phase {
            return scene.note(reason, layout.content, scene.theme.bad)
        }
        switch state.train.part {
        case .curves: TrainCurvesView.draw(run, state, layout.content, &scene)
        case .answers: TrainAnswersView.draw(state, layout, &scene)
        case .scenes: TrainScenesView.draw(run, state, layout.content, &scene)
        }
    }

    private static func note(_ run: TrainedRun) -> String {
        guard let settings = run.settings else { return "" }
        let algorithm =
            settings.recipe == .sft ? "" : " \(settings.group.reduction.rawValue)"
        return "\(settings.model), \(settings.recipe.rawValue)\(algorithm)"
    }

    private static func drawTabs(_ state: AppState, _ area: Rect, _ scene: inout Scene) {
        var x = area.x
        for part in TrainPart.allCases {
            let isShown = part == state.train.part
            let label = isShown ? "[\(part.title)]" : " \(part.title) "
            let width = scene.write(
                label, x: x, y: area.y, style: isShown ? scene.theme.accent : scene.theme.text,
                columns: area.right - x)
            scene.region(
                Rect(x: x, y: area.y, columns: width, rows: 1), press: .train(.showPart(part)))
            x += width + 1
        }
    }
}
