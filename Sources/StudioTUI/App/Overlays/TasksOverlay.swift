import TerminalUI
import VLMRuntime

/// What goes on in the background, with progress, time left and a way to cancel.
struct TasksOverlay: AppOverlay {
    let title = "Tasks"
    private var position = ListPosition()

    func hints(_ state: AppState) -> [(key: String, word: String)] {
        [("x", "cancel task"), ("↑↓", "move"), ("Esc", "close")]
    }

    mutating func receive(_ input: OverlayInput, _ state: AppState) -> OverlayAnswer {
        let tasks = Self.ordered(state)
        switch input {
        case .navigate(.back), .navigate(.activate): return .close
        case .navigate(let movement):
            position.move(movement, count: tasks.count, page: 10)
            return .stay
        case .choose(let index):
            position.cursor = index
            position.clamp(count: tasks.count)
            return .stay
        case .key(.character("x")):
            guard tasks.indices.contains(position.cursor) else { return .stay }
            let task = tasks[position.cursor]
            guard task.isRunning else { return .act(.toast(.info, "this task has ended")) }
            guard task.cancellation != nil else {
                return .act(.toast(.warning, "this task cannot be cancelled"))
            }
            return .act(.task(.cancel(id: task.id)))
        default: return .stay
        }
    }

    /// Running ones first, then the latest.
    private static func ordered(_ state: AppState) -> [TaskInfo] {
        let latest = state.tasks.all.reversed()
        return latest.filter(\.isRunning) + latest.filter { !$0.isRunning }
    }

    func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let tasks = Self.ordered(state)
        let rect = area.centred(
            Size(columns: min(area.columns - 2, 90), rows: min(area.rows, 20)))
        scene.region(rect)
        let inside = scene.panel(
            rect, title: title, note: "\(state.tasks.running.count) running", isFocused: true,
            fill: scene.theme.overlay)
        guard !tasks.isEmpty else {
            scene.emptyState(
                "Nothing has run yet",
                ["Imports, captions and exports show here while they run, with their progress."],
                in: inside)
            return
        }
        let page = inside.rows / 2
        let first = position.firstVisible(count: tasks.count, page: page)
        for (row, task) in tasks.dropFirst(first).prefix(page).enumerated() {
            let y = inside.y + row * 2
            let isCursor = first + row == position.cursor
            draw(
                task, isCursor, Rect(x: inside.x, y: y, columns: inside.columns, rows: 2), state,
                &scene)
            scene.region(
                Rect(x: inside.x, y: y, columns: inside.columns, rows: 2),
                press: .overlayChoice(first + row))
            if isCursor { scene.frame.cursor = Point(x: inside.x, y: y) }
        }
    }

    private func draw(
        _ task: TaskInfo, _ isCursor: Bool, _ rect: Rect, _ state: AppState, _ scene: inout Scene
    ) {
        let background = scene.theme.overlay.background
        let base = isCursor ? scene.theme.cursor : scene.theme.text.on(background)
        if isCursor {
            scene.frame.fill(
                Rect(x: rect.x, y: rect.y, columns: rect.columns, rows: 1), style: base)
        }
        let (sign, word) = outcome(task, scene.symbols)
        let end = rect.x + scene.write("\(sign) ", x: rect.x, y: rect.y, style: base)
        scene.write(task.title, x: end, y: rect.y, style: base, columns: rect.columns - 24)
        let duration = (task.endedAt ?? state.now) - task.startedAt
        var note = word.isEmpty ? "" : "\(word) "
        note += TextForm.seconds(duration.inSeconds)
        if let left = task.remainingSeconds(now: state.now) {
            note += ", \(TextForm.seconds(left)) left"
        }
        scene.write(
            note, x: rect.right - TerminalText.width(note) - 1, y: rect.y, style: base)
        if let fraction = task.fraction, task.isRunning {
            scene.progressBar(
                x: rect.x + 2, y: rect.y + 1, columns: min(36, rect.columns / 2),
                fraction: fraction)
        }
        // What a task was doing last says nothing about one that has done all of it.
        let detail =
            switch task.outcome {
            case .failed(let reason): reason
            case .done: ""
            case .running, .cancelled: task.detail
            }
        let x = task.fraction != nil && task.isRunning ? min(36, rect.columns / 2) + 4 : 2
        scene.write(
            detail, x: rect.x + x, y: rect.y + 1, style: scene.theme.faint.on(background),
            columns: rect.columns - x - 1)
    }

    private func outcome(_ task: TaskInfo, _ symbols: Symbols) -> (String, String) {
        switch task.outcome {
        case .running: (symbols.pointer, "")
        case .done: (symbols.check, "done")
        case .failed: (symbols.cross, "failed")
        case .cancelled: (symbols.separator, "cancelled")
        }
    }
}

/// Small figures as people read them.
enum TextForm {
    /// "0.4 s", "12 s", "3 min 05 s".
    static func seconds(_ value: Double) -> String {
        if value < 10 { return "\((value * 10).rounded() / 10) s" }
        let whole = Int(value.rounded())
        if whole < 60 { return "\(whole) s" }
        let rest = whole % 60
        return "\(whole / 60) min \(rest < 10 ? "0" : "")\(rest) s"
    }

    /// "12 KB", "3.4 MB".
    static func bytes(_ count: Int64) -> String {
        let value = Double(count)
        if value < 1000 { return "\(count) B" }
        if value < 1e6 { return "\(Int(value / 1000)) KB" }
        if value < 1e9 { return "\((value / 1e5).rounded() / 10) MB" }
        return "\((value / 1e8).rounded() / 10) GB"
    }

    /// "1 concept", "3 concepts".
    static func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(plural ?? noun + "s")"
    }
}
