import TerminalUI

/// What has to be said about the two captions, and the question of a blind vote.
enum CompareBanner {
    static func rows(_ compare: CompareState) -> Int {
        (compare.pair?.warning == nil ? 0 : 1) + (compare.blind == nil ? 0 : 1)
    }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let compare = state.compare
        var y = area.y
        if let warning = compare.pair?.warning {
            scene.write(
                "! \(warning)", x: area.x + 1, y: y, style: scene.theme.warning,
                columns: area.columns - 2)
            y += 1
        }
        guard let blind = compare.blind, y < area.bottom else { return }
        if blind.verdict == nil {
            drawQuestion(KeyHint(state, scene.symbols), &scene, x: area.x + 1, y: y)
        } else {
            scene.write(
                answer(blind, compare, KeyHint(state, scene.symbols)), x: area.x + 1, y: y,
                style: scene.theme.good,
                columns: area.columns - 2)
        }
    }

    private static func drawQuestion(_ key: KeyHint, _ scene: inout Scene, x: Int, y: Int) {
        let arrow = scene.symbols.arrow
        var x = x + scene.write("Which is better?", x: x, y: y, style: scene.theme.accent) + 2
        let choices: [(String, String, CompareSide?)] = [
            (arrow.left, "A", .left), (arrow.right, "B", .right),
            (key("compare.vote_neither"), "neither", nil),
        ]
        for (key, word, side) in choices {
            let start = x
            x += scene.write(key, x: x, y: y, style: scene.theme.key) + 1
            x += scene.write(word, x: x, y: y)
            scene.region(
                Rect(x: start, y: y, columns: x - start, rows: 1), press: .compare(.vote(side)))
            x += 2
        }
        scene.write("Esc stop", x: x, y: y, style: scene.theme.faint)
    }

    private static func answer(
        _ blind: BlindRound, _ compare: CompareState, _ key: KeyHint
    ) -> String {
        guard let pair = compare.pair, let verdict = blind.verdict else { return "" }
        let next =
            "\(key("compare.blind")) votes again, \(key("compare.undo")) takes it back"
        guard verdict != .neither else { return "You found neither better. \(next)" }
        let side: CompareSide = verdict == .left ? .left : .right
        let column = compare.side(in: side)
        let writer = CompareContender(pair[side].record).label
        return "You chose \(column.letter), the \(side.word) one by \(writer). \(next)"
    }
}
