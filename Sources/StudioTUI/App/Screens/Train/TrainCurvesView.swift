import Foundation
import PersonalCaption
import TerminalUI

/// Draws how far a run is, and how its figures went.
enum TrainCurvesView {
    /// A curve with its name and how its figures are written.
    struct Curve {
        let title: String
        let chart: Chart
        let digits: Int

        var last: Double? { chart.points.last?.y }
    }

    static func draw(_ run: TrainedRun, _ state: AppState, _ area: Rect, _ scene: inout Scene) {
        var y = area.y
        y += scene.paragraph(summary(run), in: area, style: style(run, scene.theme))
        if area.bottom - y < 4 { return }
        if run.isLive || run.canResume {
            scene.progressBar(
                x: area.x, y: y, columns: min(area.columns, 72), fraction: run.fraction)
            y += 1
        }
        let rest = Rect(
            x: area.x, y: y, columns: area.columns, rows: area.bottom - y)
        if run.course.updates.isEmpty, run.course.judgings.isEmpty {
            return scene.note(
                run.isLive ? "the held-out scenes are judged first" : "no update was done", rest,
                scene.theme.faint)
        }
        draw(curves(run.course), rest, &scene)
    }

    private static func style(_ run: TrainedRun, _ theme: Theme) -> Style {
        if case .failed = run.phase { return theme.bad }
        return theme.strong
    }

    /// "update 12 of 60, 3.1 s each, 2 min 20 s left".
    static func summary(_ run: TrainedRun) -> String {
        let course = run.course
        let steps = run.settings?.steps ?? course.steps
        var parts = ["update \(course.step) of \(steps)"]
        if let each = course.secondsPerUpdate { parts.append("\(TextForm.seconds(each)) each") }
        switch run.phase {
        case .running:
            if let left = run.settings.flatMap(course.remaining) {
                parts.append("\(TextForm.seconds(left)) left")
            }
        case .paused: parts.append("paused")
        case .stopping: parts.append("stops after this update")
        case .stopped:
            parts.append(
                course.checkpoint.map { "stopped; goes on from update \($0)" }
                    ?? "stopped before the first checkpoint")
        case .done:
            if let best = course.best {
                parts.append(
                    best.step == 0
                        ? "nothing was better than the model itself"
                        : "best after update \(best.step)")
            }
        case .failed(let reason): parts.append(reason)
        case .damaged: break
        }
        return parts.joined(separator: ", ")
    }

    // MARK: - Curves

    static func curves(_ course: RunCourse) -> [Curve] {
        let updates = course.updates
        let share = 0.0...1.0
        func rewards(_ title: String, _ value: (RunCourse.Update) -> Float?) -> Curve {
            let points = updates.compactMap { update in
                value(update).map { Chart.Point(x: Double(update.step), y: Double($0)) }
            }
            return Curve(
                title: title, chart: Chart(points, within: share, leastSpan: 0.1), digits: 2)
        }
        func judged(_ title: String, _ value: (EvaluationReport) -> Double) -> Curve {
            let points = course.judgings.map {
                Chart.Point(x: Double($0.step), y: value($0.report))
            }
            return Curve(
                title: title, chart: Chart(points, within: share, leastSpan: 0.1), digits: 2)
        }
        func figures(_ title: String, _ digits: Int, _ value: (RunCourse.Update) -> Float) -> Curve
        {
            let points = updates.map { Chart.Point(x: Double($0.step), y: Double(value($0))) }
            return Curve(
                title: title,
                chart: Chart(points, within: 0...Double.greatestFiniteMagnitude, leastSpan: 1e-4),
                digits: digits)
        }
        let tasks = course.tasks
        var curves = [rewards("reward", \.reward), judged("held out: names F1", \.f1)]
        if tasks.count > 1 {
            curves += tasks.map { task in rewards("reward: \(title(task))") { $0.rewards[task] } }
        }
        curves += [
            figures("KL to the base", 4, \.divergence), figures("length in tokens", 0, \.length),
            judged("held out: reward") { Double($0.score) },
            judged("held out: all names right", \.exact),
        ]
        return curves.filter { !$0.chart.points.isEmpty }
    }

    static func title(_ task: String) -> String {
        switch EpisodeTask(rawValue: task) {
        case .sameObject: "same object"
        case .box: "box"
        case .names: "names"
        case .questions: "questions"
        case .example: "example"
        case nil: task
        }
    }

    /// As many curves as fit, the most telling first, each with a line of figures above it.
    private static func draw(_ curves: [Curve], _ area: Rect, _ scene: inout Scene) {
        let across = max(1, min(3, area.columns / 36))
        let fitting = max(1, area.rows / 2) * across
        let shown = curves.prefix(fitting)
        let down = (shown.count + across - 1) / across
        guard down > 0 else { return }
        let height = min(9, area.rows / down)
        for (index, curve) in shown.enumerated() {
            let (row, column) = (index / across, index % across)
            let left = area.x + area.columns * column / across
            let right = area.x + area.columns * (column + 1) / across
            draw(
                curve,
                Rect(
                    x: left, y: area.y + row * height,
                    columns: right - left - (column < across - 1 ? 2 : 0), rows: height), &scene)
        }
    }

    private static func draw(_ curve: Curve, _ rect: Rect, _ scene: inout Scene) {
        let last = curve.last.map { CaptionFacts.figure($0, curve.digits) } ?? ""
        let used = scene.write(
            curve.title, x: rect.x, y: rect.y, style: scene.theme.faint, columns: rect.columns)
        let end =
            used
            + scene.write(
                " \(last)", x: rect.x + used, y: rect.y, style: scene.theme.strong,
                columns: max(0, rect.columns - used))
        let values = curve.chart.points.map(\.y)
        if values.count > 1, let low = values.min(), let high = values.max() {
            let span =
                "\(CaptionFacts.figure(low, curve.digits)) to "
                + CaptionFacts.figure(high, curve.digits)
            let width = TerminalText.width(span)
            if end + 2 + width <= rect.columns {
                scene.write(span, x: rect.right - width, y: rect.y, style: scene.theme.faint)
            }
        }
        // A row stays free below on tall charts.
        let room = rect.rows > 4 ? rect.rows - 2 : rect.rows - 1
        let rows = curve.chart.rows(
            columns: rect.columns, rows: room, isASCII: scene.symbols.isASCII)
        for (index, row) in rows.enumerated() {
            scene.frame.write(row, x: rect.x, y: rect.y + 1 + index, style: scene.theme.accent)
        }
    }
}
