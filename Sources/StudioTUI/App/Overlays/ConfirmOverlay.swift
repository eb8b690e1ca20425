import TerminalUI

/// A question before something that cannot simply be taken back; No is the default.
struct ConfirmOverlay: AppOverlay {
    let title: String
    let question: String
    /// What the yes key does: "delete 3 concepts forever".
    let confirmWord: String
    let action: AppAction
    private var isYes = false

    init(title: String, question: String, confirmWord: String, action: AppAction) {
        self.title = title
        self.question = question
        self.confirmWord = confirmWord
        self.action = action
    }

    func hints(_ state: AppState) -> [(key: String, word: String)] {
        [("y", confirmWord), ("n", "no"), ("Esc", "no")]
    }

    mutating func receive(_ input: OverlayInput, _ state: AppState) -> OverlayAnswer {
        switch input {
        case .key(.character("y")), .choose(1): return .finish(action)
        case .key(.character("n")), .choose(0), .navigate(.back): return .close
        case .navigate(.activate): return isYes ? .finish(action) : .close
        case .navigate(.left), .navigate(.right), .navigate(.nextFocus), .navigate(.previousFocus),
            .navigate(.up), .navigate(.down):
            isYes.toggle()
            return .stay
        default: return .stay
        }
    }

    func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let width = min(area.columns - 4, 64)
        let lines = TerminalText.wrapped(TerminalText.sanitized(question), to: width - 4)
        let rect = area.centred(Size(columns: width, rows: lines.count + 5))
        scene.region(rect)
        let inside = scene.panel(
            rect, title: title, isFocused: true, fill: scene.theme.overlay)
        let background = scene.theme.overlay.background
        for (index, line) in lines.enumerated() {
            scene.frame.write(
                line, x: inside.x + 1, y: inside.y + index, style: scene.theme.text.on(background))
        }
        let y = inside.bottom - 1
        let no = button("No", 0, !isYes, x: inside.x + 1, y: y, &scene)
        _ = button("Yes, \(confirmWord)", 1, isYes, x: no + 2, y: y, &scene)
    }

    private func button(
        _ label: String, _ index: Int, _ isChosen: Bool, x: Int, y: Int, _ scene: inout Scene
    ) -> Int {
        let style = isChosen ? scene.theme.cursor : scene.theme.text
        let width = scene.write("[ \(label) ]", x: x, y: y, style: style)
        scene.region(
            Rect(x: x, y: y, columns: width, rows: 1),
            press: .overlayChoice(index))
        if isChosen { scene.frame.cursor = Point(x: x + 2, y: y) }
        return x + width
    }
}
