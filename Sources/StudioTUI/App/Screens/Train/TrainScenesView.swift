import PersonalCaption
import TerminalUI

/// Draws the figures before and after training, and one held-out scene with both captions.
enum TrainScenesView {
    static func draw(_ run: TrainedRun, _ state: AppState, _ area: Rect, _ scene: inout Scene) {
        let scenes = TrainScenes(run.course)
        guard scenes.before != nil || scenes.after != nil else {
            let reason =
                run.settings?.heldOutScenes == 0
                ? "no scenes were kept back" : "the held-out scenes were not judged yet"
            return scene.note(reason, area, scene.theme.faint)
        }
        let figures = scenes.figures
        let isTall = area.rows >= 18
        let shown = isTall ? figures : Array(figures.prefix(area.rows >= 13 ? 2 : 1))
        let (table, below) = area.split(top: shown.count + 1)
        drawTable(shown, scenes, table, &scene)
        let (_, rest) = below.split(top: isTall ? 1 : 0)
        drawScene(run, scenes, state, rest, &scene)
    }

    // MARK: - Figures

    private static func drawTable(
        _ rows: [(name: String, before: Double?, after: Double?, digits: Int)],
        _ scenes: TrainScenes, _ rect: Rect, _ scene: inout Scene
    ) {
        let label = min(29, max(12, rect.columns - 26))
        let width = 9
        let (left, right) = (rect.x + label, rect.x + label + width)
        scene.write("before", x: left, y: rect.y, style: scene.theme.faint)
        let step = scenes.after.map { "after \(TextForm.count($0.step, "update"))" } ?? "after"
        scene.write(
            step, x: right, y: rect.y, style: scene.theme.faint, columns: rect.right - right)
        for (index, row) in rows.enumerated() {
            let y = rect.y + 1 + index
            scene.write(row.name, x: rect.x, y: y, style: scene.theme.text, columns: label - 1)
            func text(_ value: Double?) -> String {
                value.map { CaptionFacts.figure($0, row.digits) } ?? "-"
            }
            scene.write(text(row.before), x: left, y: y)
            let isBetter = row.digits > 0 && (row.after ?? 0) > (row.before ?? 0) + 0.005
            let isWorse =
                row.digits > 0 && row.after != nil
                && (row.after ?? 0) < (row.before ?? 0) - 0.005
            let sign = isBetter ? scene.symbols.arrow.up : isWorse ? scene.symbols.arrow.down : " "
            let style =
                isBetter ? scene.theme.good : isWorse ? scene.theme.warning : scene.theme.text
            scene.write("\(text(row.after)) \(sign)", x: right, y: y, style: style)
        }
    }

    // MARK: - One scene

    private static func drawScene(
        _ run: TrainedRun, _ scenes: TrainScenes, _ state: AppState, _ rect: Rect,
        _ scene: inout Scene
    ) {
        guard rect.rows >= 3, scenes.count > 0 else { return }
        let index = min(state.train.scene.cursor, scenes.count - 1)
        let before = TrainScenes.scene(index, of: scenes.before)
        let after = TrainScenes.scene(index, of: scenes.after?.report)
        let detail = before?.detail ?? after?.detail
        let title = "scene \(index + 1) of \(scenes.count)\(who(detail))"
        scene.write(
            title, x: rect.x, y: rect.y, style: scene.theme.strong, columns: rect.columns)
        let (_, below) = rect.split(top: 1)
        var words = below
        let isWide = below.columns >= 64 && below.rows >= 6
        if isWide {
            let (picture, text) = below.split(left: below.columns * 2 / 5)
            words = text
            let file = run.folder.heldOutPicture(index)
            scene.picture(
                PictureRequest(
                    source: .outside(file), box: picture.size, priority: 0, magnification: 8,
                    label: "scene \(index + 1)"),
                in: picture.split(right: 2).0)
        }
        var lines: [CaptionFlow.Line] = []
        for (name, side) in [("before", before), ("after", after)] {
            guard let side else { continue }
            if !lines.isEmpty, words.rows >= 8 { lines.append(CaptionFlow.Line()) }
            lines += TrainAnswersView.flow(
                heading(name, side.detail, scene.symbols), role(side.detail), words.columns)
            lines += TrainAnswersView.flow(
                side.answer.isEmpty ? "(nothing)" : side.answer, .plain, words.columns)
        }
        scene.caption(lines, in: words)
    }

    /// ": Milo and Luna are in it", with those who were offered and are not.
    private static func who(_ detail: SceneDetail?) -> String {
        guard let detail else { return "" }
        let missing = detail.supplied.filter { !detail.present.contains($0) }
        let present =
            detail.present.isEmpty
            ? "nobody is in it" : "\(detail.present.joined(separator: ", ")) in it"
        return ": \(present)" + (missing.isEmpty ? "" : ", not \(missing.joined(separator: ", "))")
    }

    private static func heading(
        _ name: String, _ detail: SceneDetail?, _ symbols: Symbols
    ) -> String {
        guard let detail else { return name }
        let sign = detail.isExact ? symbols.check : symbols.cross
        let reason = detail.reason.isEmpty ? "" : ", \(detail.reason)"
        return "\(sign) \(name): reward \(RunText.number(detail.reward, 2))\(reason)"
    }

    private static func role(_ detail: SceneDetail?) -> TextRole {
        guard let detail else { return .strong }
        return detail.isExact ? .good : .warning
    }
}
