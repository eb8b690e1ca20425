import TerminalUI

/// Draws the whole app.
enum AppView {
    static func draw(_ state: AppState, pictures: any PictureProvider) -> Scene {
        let symbols =
            state.settings.isASCII || !state.terminal.isUTF8 ? Symbols.ascii : Symbols.unicode
        var scene = Scene(
            size: state.terminal.size, theme: state.theme, symbols: symbols, pictures: pictures)
        guard !state.terminal.isTooSmall else {
            drawTooSmall(state, into: &scene)
            return scene
        }
        let (header, rest) = scene.bounds.split(top: 1)
        let (body, footer) = rest.split(bottom: 2)
        HeaderView.draw(state, into: &scene, area: header)
        let (screen, strip) = TourView.split(state, body)
        Screens.screen(state.screen).draw(state, into: &scene, area: screen)
        TourView.draw(state, into: &scene, area: strip)
        FooterView.draw(state, into: &scene, area: footer)
        if state.overlays.isEmpty, state.showsWhichKey {
            WhichKeyView.draw(state, into: &scene, area: body)
        }
        for (index, overlay) in state.overlays.enumerated() {
            // Nothing under an overlay answers to the mouse; a click beside it closes it.
            if index == state.overlays.count - 1 {
                scene.region(scene.bounds, press: .closeOverlay)
                scene.frame.cursor = nil
            }
            overlay.draw(state, into: &scene, area: body)
        }
        // Those who listen find the news on the status line.
        if !state.settings.isForScreenReader {
            ToastView.draw(state, into: &scene, area: screen)
        }
        return scene
    }

    private static func drawTooSmall(_ state: AppState, into scene: inout Scene) {
        let size = state.terminal.size
        let need = TerminalState.minimum
        scene.note(
            "terminal too small: need \(need.columns)x\(need.rows), have "
                + "\(size.columns)x\(size.rows)",
            scene.bounds, scene.theme.strong)
    }
}

/// The tabs, and what goes on in the background.
enum HeaderView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        scene.frame.fill(area, style: scene.theme.bar)
        var x = area.x
        let fit = Fit(columns: area.columns)
        for screen in ScreenID.allCases {
            let isActive = screen == state.screen
            let label = isActive ? " \(screen.rawValue) \(screen.title) " : fit.label(screen)
            let start = x
            let style = isActive ? scene.theme.activeTab : scene.theme.bar
            x += scene.write(
                isActive ? "[\(label.dropFirst().dropLast())]" : label, x: x, y: area.y,
                style: style)
            scene.region(
                Rect(x: start, y: area.y, columns: x - start, rows: 1), press: .show(screen))
        }
        let status = status(state, scene.symbols)
        let width = TerminalText.width(status)
        if x + width + 1 < area.right {
            let start = area.right - width - 1
            scene.write(status, x: start, y: area.y, style: scene.theme.bar)
            scene.region(
                Rect(x: start, y: area.y, columns: width, rows: 1), press: .command("view.tasks"))
        }
    }

    /// How much room there is for the tabs that are not open.
    private enum Fit {
        case roomy, tight
        /// Only what the digits need.
        case tiny

        init(columns: Int) {
            let titles = ScreenID.allCases.map { TerminalText.width($0.title) }.reduce(0, +)
            let count = ScreenID.allCases.count
            self =
                columns >= titles + 4 * count + 20
                ? .roomy : columns >= titles + 3 * count + 2 ? .tight : .tiny
        }

        func label(_ screen: ScreenID) -> String {
            switch self {
            case .roomy: " \(screen.rawValue) \(screen.title) "
            case .tight: "\(screen.rawValue) \(screen.title) "
            case .tiny: "\(screen.rawValue) \(screen.title.prefix(5)) "
            }
        }
    }

    private static func status(_ state: AppState, _ symbols: Symbols) -> String {
        let running = state.tasks.running
        guard let task = running.last else { return state.model.label }
        let shown = state.settings.isForScreenReader ? nil : task.fraction
        let share = shown.map { " \(Int($0 * 100))%" } ?? ""
        let others = running.count > 1 ? " +\(running.count - 1)" : ""
        return TerminalText.truncated(TerminalText.sanitized(task.title), to: 30) + share + others
    }
}

extension ImageProtocol {
    /// One word for the status line.
    var word: String {
        switch self {
        case .sixel: "sixel"
        case .blocks: "blocks 24-bit"
        case .indexed256: "blocks 256"
        case .sixteen: "blocks 16"
        case .card: "no pictures"
        case .ascii: "characters"
        }
    }
}

/// What can follow the keys typed so far.
enum WhichKeyView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        guard
            case .prefix(let choices) = state.keymap.match(
                state.pendingKeys, scopes: state.scopes)
        else { return }
        let rows = choices.map { choice in
            let keys = choice.rest
            return (
                key: keys.display(ascii: scene.symbols.isASCII),
                title: choice.command.title, availability: choice.command.availability(state),
                id: choice.command.id
            )
        }
        let width = min(
            area.columns,
            (rows.map { TerminalText.width($0.key) + TerminalText.width($0.title) + 3 }.max() ?? 0)
                + 4)
        let height = min(area.rows, rows.count + 2)
        let rect = Rect(
            x: area.right - width, y: area.bottom - height, columns: width, rows: height)
        let inside = scene.panel(
            rect, title: "\(KeySequence(state.pendingKeys).display()) …", isFocused: true,
            fill: scene.theme.overlay)
        for (index, row) in rows.prefix(inside.rows).enumerated() {
            let y = inside.y + index
            let background = scene.theme.overlay.background
            let end = scene.write(
                row.key, x: inside.x + 1, y: y, style: scene.theme.key.on(background))
            scene.write(
                row.title, x: inside.x + end + 2, y: y,
                style: (row.availability.isReady ? scene.theme.text : scene.theme.faint).on(
                    background))
            scene.region(
                Rect(x: inside.x, y: y, columns: inside.columns, rows: 1), press: .command(row.id))
        }
    }
}

/// Messages in the lower right corner; a click dismisses one.
enum ToastView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        var bottom = area.bottom
        for toast in state.toasts.shown.reversed() {
            let limit = min(area.columns - 4, 60)
            let lines = TerminalText.wrapped("\(toast.severity.sign) \(toast.text)", to: limit)
                .prefix(5)
            let width = (lines.map { TerminalText.width($0) }.max() ?? 0) + 4
            let height = lines.count + 2
            guard bottom - height >= area.y else { return }
            let rect = Rect(
                x: area.right - width, y: bottom - height, columns: width, rows: height)
            let inside = scene.panel(rect, isFocused: true, fill: scene.theme.overlay)
            for (index, line) in lines.enumerated() {
                scene.frame.write(
                    line, x: inside.x + 1, y: inside.y + index,
                    style: style(toast.severity, scene.theme).on(scene.theme.overlay.background))
            }
            scene.region(rect, press: .dismissToast(toast.id))
            bottom -= height
        }
    }

    private static func style(_ severity: Severity, _ theme: Theme) -> Style {
        switch severity {
        case .info: theme.text
        case .good: theme.good
        case .warning: theme.warning
        case .error: theme.bad
        }
    }
}
