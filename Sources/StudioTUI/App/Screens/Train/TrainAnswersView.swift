import PersonalCaption
import TerminalUI

/// Draws the answers to one prompt with what each earned and why.
enum TrainAnswersView {
    static func draw(_ state: AppState, _ layout: TrainLayout, _ scene: inout Scene) {
        guard let run = state.train.current else { return }
        guard state.train.shownGroup != nil else {
            let reason =
                run.settings?.recipe == .sft
                ? "sft learns from examples; there are no groups of answers"
                : "no answers yet"
            return scene.note(reason, layout.content, scene.theme.faint)
        }
        let lines = lines(state, columns: layout.textColumns)
        let rows = layout.content.rows
        let first = min(state.train.answersTop, max(0, lines.count - rows))
        scene.caption(Array(lines.dropFirst(first).prefix(rows)), in: layout.content)
        scene.scrollBar(layout.content, first: first, visible: rows, total: lines.count)
    }

    /// Which prompt it is, then each answer under its figures.
    static func lines(_ state: AppState, columns: Int) -> [CaptionFlow.Line] {
        guard let run = state.train.current, let group = state.train.shownGroup else { return [] }
        let count = run.course.groups.count
        let number = max(1, count - state.train.group)
        var lines = flow(
            "update \(group.step), prompt \(number) of \(count): "
                + TrainCurvesView.title(group.report.task.rawValue), .strong, columns)
        lines += flow(group.report.question, .faint, columns)
        let rewards = group.report.answers.map(\.reward)
        if let first = rewards.first, rewards.allSatisfy({ $0 == first }) {
            lines += flow(
                "All rewards are equal: nothing is learned from this group.", .warning, columns)
        }
        for answer in group.report.answers {
            lines.append(CaptionFlow.Line())
            lines += flow(figures(answer), role(answer), columns)
            if !answer.reason.isEmpty { lines += flow(answer.reason, .warning, columns) }
            lines += flow(answer.text.isEmpty ? "(nothing)" : answer.text, .plain, columns)
        }
        return lines
    }

    /// "reward 0.75, advantage +0.83, 31 tokens", and whether it was shown instead of found.
    static func figures(_ answer: AnswerReport) -> String {
        let sign = answer.advantage > 0 ? "+" : ""
        return (answer.isShown == true ? "shown as right: " : "")
            + "reward \(RunText.number(answer.reward, 2)), "
            + "advantage \(sign)\(RunText.number(answer.advantage, 2)), "
            + TextForm.count(answer.tokens, "token")
    }

    private static func role(_ answer: AnswerReport) -> TextRole {
        answer.advantage > 0 ? .good : answer.advantage < 0 ? .strong : .faint
    }

    static func flow(_ text: String, _ role: TextRole, _ columns: Int) -> [CaptionFlow.Line] {
        let safe = TerminalText.sanitized(text, lines: true)
        let flow = CaptionFlow([TaggedText(safe, role)], columns: columns)
        return flow.lines(0..<flow.count)
    }
}
