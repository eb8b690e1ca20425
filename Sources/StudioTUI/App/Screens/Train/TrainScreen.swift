import TerminalUI

/// Teaches the model concepts of the library, and watches every run, whoever started it.
enum TrainScreen: AppScreen {
    static let id = ScreenID.train
    static let commands = TrainCommands.all

    static func entered(_ state: inout AppState) -> [Effect] {
        [.train(.look), TrainReducer.ticking(state)]
    }

    static func timer(_ name: String, _ state: inout AppState) -> [Effect] {
        state.screen == .train ? [.train(.look), TrainReducer.ticking(state)] : []
    }

    static func statusLine(_ state: AppState) -> String {
        let train = state.train
        guard let run = train.current else { return TextForm.count(train.runs.count, "run") }
        let place = "run \(train.position.cursor + 1) of \(train.runs.count)"
        guard train.focus == .detail else { return place }
        switch train.part {
        case .curves: return "\(place), \(run.name), curves"
        case .answers:
            let count = run.course.groups.count
            return count == 0
                ? "\(place), \(run.name), no answers"
                : "\(place), \(run.name), prompt \(max(1, count - train.group)) of \(count)"
        case .scenes:
            let count = TrainScenes(run.course).count
            return "\(place), \(run.name), scene \(min(count, train.scene.cursor + 1)) of \(count)"
        }
    }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        TrainView.draw(state, into: &scene, area: area)
    }

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] {
        guard case .navigate(let movement) = input else { return [] }
        switch movement {
        case .activate:
            return Reducer.run(
                state.train.current == nil ? "train.new" : "train.open", &state)
        case .back:
            state.train.focus = .list
            return []
        case .nextFocus, .previousFocus:
            guard state.train.current != nil else { return [] }
            state.train.focus = state.train.focus == .list ? .detail : .list
            return []
        case .right where state.train.focus == .list && state.train.current != nil:
            state.train.focus = .detail
            return []
        default: return step(movement, &state)
        }
    }

    /// Movement within the part that has the focus.
    static func step(_ movement: Navigation, _ state: inout AppState) -> [Effect] {
        let layout = TrainLayout(state)
        guard state.train.focus == .detail, let run = state.train.current else {
            let before = state.train.position.cursor
            state.train.position.move(
                movement, count: state.train.runs.count, page: layout.entries)
            state.train.position.top = state.train.position.firstVisible(
                count: state.train.runs.count, page: layout.entries)
            return before == state.train.position.cursor ? [] : TrainReducer.moved(&state)
        }
        switch state.train.part {
        case .curves:
            if movement == .left { state.train.focus = .list }
        case .answers: stepAnswers(movement, run, layout, &state)
        case .scenes:
            let count = TrainScenes(run.course).count
            switch movement {
            case .left: state.train.scene.move(.up, count: count, page: 1)
            case .right: state.train.scene.move(.down, count: count, page: 1)
            default: state.train.scene.move(movement, count: count, page: 10)
            }
        }
        return []
    }

    /// ← and → go through the prompts, the newest last; up and down scroll.
    private static func stepAnswers(
        _ movement: Navigation, _ run: TrainedRun, _ layout: TrainLayout, _ state: inout AppState
    ) {
        let last = max(0, run.course.groups.count - 1)
        switch movement {
        case .left: state.train.group = min(last, state.train.group + 1)
        case .right: state.train.group = max(0, state.train.group - 1)
        case .first: state.train.group = last
        case .last: state.train.group = 0
        default:
            let lines = TrainAnswersView.lines(state, columns: layout.textColumns).count
            let rows = max(1, layout.content.rows)
            var position = ListPosition(cursor: state.train.answersTop, top: 0)
            position.move(movement, count: max(1, lines - rows + 1), page: rows)
            state.train.answersTop = position.cursor
            return
        }
        state.train.answersTop = 0
    }
}
