import TerminalUI

/// What the studio found on this computer, for people and for bug reports.
enum DoctorPartView {
    /// A line of the report as it is drawn.
    struct Line {
        var text = ""
        var name = ""
        var isTitle = false
        var isProblem = false
    }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let own = state.settingsScreen
        let problems = own.report?.problems.count ?? 0
        let note =
            own.report == nil
            ? "" : (problems == 0 ? "nothing wrong" : TextForm.count(problems, "problem"))
        let inside = scene.panel(area, title: "Doctor", note: note, isFocused: true)
        guard own.report != nil else {
            let key = state.keymap.keys(of: "settings.examine").first?.display() ?? ":"
            scene.emptyState(
                own.isExamining ? "Looking at computer, library and models" : "No report yet",
                own.isExamining ? [] : ["Press \(key) to examine everything."], in: inside)
            scene.frame.cursor = inside.origin
            return
        }
        let lines = lines(state, columns: inside.columns)
        let first = min(own.doctor.cursor, max(0, lines.count - inside.rows))
        scene.region(inside, scroll: { .navigate($0 < 0 ? .up : .down) })
        for (row, line) in lines.dropFirst(first).prefix(inside.rows).enumerated() {
            let y = inside.y + row
            if line.isTitle {
                scene.write(line.text, x: inside.x + 1, y: y, style: scene.theme.title)
                continue
            }
            scene.write(line.name, x: inside.x + 3, y: y, style: scene.theme.faint)
            scene.write(
                line.text, x: inside.x + textColumn(state), y: y,
                style: line.isProblem ? scene.theme.bad : scene.theme.text)
        }
        scene.scrollBar(inside, first: first, visible: inside.rows, total: lines.count)
        scene.frame.cursor = inside.origin
    }

    /// Where values begin: behind the longest name, within reason.
    private static func textColumn(_ state: AppState) -> Int {
        let names = state.settingsScreen.report?.sections.flatMap(\.facts).map(\.name) ?? []
        return min(26, max(13, (names.map { TerminalText.width($0) }.max() ?? 0) + 5))
    }

    /// The report broken to a width.
    static func lines(_ state: AppState, columns: Int) -> [Line] {
        guard let report = state.settingsScreen.report else { return [] }
        let room = max(20, columns - textColumn(state) - 2)
        var lines: [Line] = []
        if !report.problems.isEmpty {
            lines.append(Line(text: "what needs attention", isTitle: true))
            for problem in report.problems {
                lines += TerminalText.wrapped(TerminalText.sanitized(problem), to: room).map {
                    Line(text: $0, isProblem: true)
                }
            }
            lines.append(Line())
        }
        for (index, section) in report.sections.enumerated() {
            if index > 0 { lines.append(Line()) }
            lines.append(Line(text: section.title, isTitle: true))
            for (name, value) in section.facts {
                let wrapped = TerminalText.wrapped(value, to: room)
                for (row, text) in wrapped.enumerated() {
                    let label =
                        row == 0 ? TerminalText.truncated(name, to: textColumn(state) - 4) : ""
                    lines.append(Line(text: text, name: label))
                }
            }
        }
        return lines
    }
}
