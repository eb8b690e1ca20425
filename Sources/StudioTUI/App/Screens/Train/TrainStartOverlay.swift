import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

/// What a run will take, before it starts: Enter starts it, or goes back to the form when it
/// cannot be.
struct TrainStartOverlay: AppOverlay {
    let title = "Start training?"

    func hints(_ state: AppState) -> [(key: String, word: String)] {
        switch state.train.planning?.outcome {
        case .ready: [("⏎", "start"), ("Esc", "not now")]
        case .refused: [("⏎", "change it"), ("Esc", "not now")]
        default: [("Esc", "cancel")]
        }
    }

    mutating func receive(_ input: OverlayInput, _ state: AppState) -> OverlayAnswer {
        switch input {
        case .navigate(.back), .choose(0): return .finish(.train(.cancelPlan))
        case .navigate(.activate), .choose(1):
            switch state.train.planning?.outcome {
            case .ready: return .finish(.train(.start))
            case .refused: return .finish(.train(.new))
            case .measuring: return .stay
            case nil: return .close
            }
        default: return .stay
        }
    }

    func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let width = min(area.columns - 4, 72)
        let background = scene.theme.overlay.background
        let rows = Self.lines(state).flatMap { line in
            TerminalText.wrapped(TerminalText.sanitized(line.text), to: width - 4).map {
                (text: $0, style: line.style)
            }
        }
        let rect = area.centred(Size(columns: width, rows: min(area.rows, rows.count + 5)))
        scene.region(rect)
        let inside = scene.panel(rect, title: title, isFocused: true, fill: scene.theme.overlay)
        for (index, row) in rows.prefix(inside.rows - 2).enumerated() {
            scene.frame.write(
                row.text, x: inside.x + 1, y: inside.y + index,
                style: row.style(scene.theme).on(background))
        }
        let y = inside.bottom - 1
        scene.frame.cursor = Point(x: inside.x + 1, y: y)
        let word: String
        switch state.train.planning?.outcome {
        case .ready: word = "Start"
        case .refused: word = "Change it"
        default: return
        }
        let button = scene.write("[ \(word) ]", x: inside.x + 1, y: y, style: scene.theme.cursor)
        scene.region(
            Rect(x: inside.x + 1, y: y, columns: button, rows: 1), press: .overlayChoice(1))
        let other = inside.x + button + 3
        let back = scene.write(
            "[ Not now ]", x: other, y: y, style: scene.theme.text.on(background))
        scene.region(Rect(x: other, y: y, columns: back, rows: 1), press: .overlayChoice(0))
    }

    private struct Line {
        let text: String
        var style: (Theme) -> Style = { $0.text }
    }

    private static func lines(_ state: AppState) -> [Line] {
        switch state.train.planning?.outcome {
        case nil: [Line(text: "Nothing is planned.")]
        case .measuring(let stage):
            [Line(text: "Finding out how long it takes: \(stage)."), Line(text: "")]
        case .refused(let reason):
            [Line(text: "It cannot be: \(reason).", style: { $0.bad })]
        case .ready(let plan): lines(plan)
        }
    }

    private static func lines(_ plan: TrainPlan) -> [Line] {
        let settings = plan.settings
        let names = settings.concepts.joined(separator: ", ")
        let algorithm =
            settings.recipe == .sft ? "" : ", \(settings.group.reduction.rawValue)"
        let answers =
            settings.recipe == .sft
            ? TextForm.count(settings.group.groupsPerStep, "example")
            : "\(settings.group.groupsPerStep) x \(settings.group.groupSize) answers"
        let room = plan.estimate.available.map { " of \(TextForm.bytes(Int64($0))) that are free" }
        return [
            Line(text: "\(names), with \(settings.model)", style: { $0.strong }),
            Line(text: "\(settings.recipe.rawValue)\(algorithm), kept as run \(settings.name)"),
            Line(text: ""),
            Line(
                text: "about \(TextForm.seconds(plan.seconds)): "
                    + "\(TextForm.count(settings.steps, "update")) of "
                    + "\(TextForm.seconds(plan.estimate.secondsPerStep)) (\(answers)), "
                    + "\(TextForm.count(settings.heldOutScenes, "held-out scene")) judged "
                    + "\(settings.judgings) times"),
            Line(
                text: "about \(TextForm.bytes(Int64(plan.estimate.memory.total))) of memory"
                    + (room ?? "")),
            Line(
                text: "a checkpoint after every "
                    + (settings.checkpointEvery == 1
                        ? "update" : "\(settings.checkpointEvery) updates")),
        ] + plan.warnings.map { Line(text: "! \($0)", style: { $0.warning }) }
    }
}
