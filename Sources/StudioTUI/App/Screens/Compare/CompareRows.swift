import ConceptDB
import TerminalUI

/// What stands in the two columns, row by row, so that figures of both lie beside each other.
struct CompareRows {
    /// One row of one column: stretches of text with their styles.
    typealias Line = [(text: String, style: Style)]

    private(set) var left: [Line] = []
    private(set) var right: [Line] = []

    var count: Int { max(left.count, right.count) }

    subscript(column: CompareSide) -> [Line] { column == .left ? left : right }

    /// - Parameter columns: cells of one column.
    init(_ state: AppState, columns: Int, theme: Theme, symbols: Symbols) {
        let compare = state.compare
        let key = KeyHint(state, symbols)("compare.choose")
        for column in CompareSide.allCases {
            set(column, Self.caption(column, compare, key, columns, theme, symbols))
        }
        guard let pair = compare.pair else {
            for column in CompareSide.allCases {
                guard let caption = compare[column].caption else { continue }
                let facts = CompareFact.all(caption.record, caption.record)
                set(column, self[column] + [[]])
                for fact in facts {
                    let lines = Self.lines(fact, .left, columns, theme, symbols)
                    set(column, self[column] + lines)
                }
            }
            return
        }
        addEven()
        add([], [])
        for fact in pair.facts where !(fact.isTelling && compare.isHidden) {
            let lines = CompareSide.allCases.map {
                Self.lines(fact, compare.side(in: $0), columns, theme, symbols)
            }
            for row in 0..<max(lines[0].count, lines[1].count) {
                add(
                    row < lines[0].count ? lines[0][row] : [],
                    row < lines[1].count ? lines[1][row] : [])
            }
        }
        if compare.isHidden {
            let note: Line = [("  the rest after the vote", theme.faint)]
            add(note, note)
        }
    }

    private mutating func set(_ column: CompareSide, _ lines: [Line]) {
        if column == .left { left = lines } else { right = lines }
    }

    private mutating func add(_ first: Line, _ second: Line) {
        left.append(first)
        right.append(second)
    }

    /// Fills the shorter column up, so that what follows begins on the same row.
    private mutating func addEven() {
        while left.count < right.count { left.append([]) }
        while right.count < left.count { right.append([]) }
    }

    private static func caption(
        _ column: CompareSide, _ compare: CompareState, _ key: String, _ columns: Int,
        _ theme: Theme, _ symbols: Symbols
    ) -> [Line] {
        let side = compare.side(in: column)
        switch compare[side] {
        case .empty:
            return text(
                "No caption here yet. Press \(key) to choose one of the history.", columns,
                theme.faint)
        case .loading: return text("reading\(symbols.ellipsis)", columns, theme.faint)
        case .missing(_, let reason):
            return text("\(symbols.cross) \(reason)", columns, theme.bad)
                + text("Press \(key) to choose another one.", columns, theme.faint)
        case .ready(let caption):
            let isMarked = compare.marksDifferences
            let runs = compare.pair.flatMap { pair -> [WordDiff.Run]? in
                guard isMarked else { return nil }
                return side == .left ? pair.diff.left : pair.diff.right
            }
            let names = compare.pair?.names ?? ComparePair.names([caption])
            guard !caption.record.caption.allSatisfy(\.isWhitespace) else {
                return text("(the caption is empty)", columns, theme.faint)
            }
            return MarkedText(
                caption, runs: runs, mark: column == .left ? .onlyLeft : .onlyRight, names: names
            )
            .lines(columns).map { line in
                line.map { ($0.text, $0.look.style(theme)) }
            }
        }
    }

    private static func text(_ text: String, _ columns: Int, _ style: Style) -> [Line] {
        TerminalText.wrapped(TerminalText.sanitized(text), to: columns).map { [($0, style)] }
    }

    /// "≠ model   mini".
    private static func lines(
        _ fact: CompareFact, _ side: CompareSide, _ columns: Int, _ theme: Theme,
        _ symbols: Symbols
    ) -> [Line] {
        let width = 13
        let sign = fact.differs ? (symbols.isASCII ? "# " : "≠ ") : "  "
        let value = TerminalText.sanitized(fact[side])
        let wrapped = TerminalText.wrapped(value, to: max(8, columns - width - 2))
        return wrapped.prefix(4).enumerated().map { index, part in
            let label = index == 0 ? TerminalText.padded(fact.label, to: width) : ""
            let space = index == 0 ? "" : String(repeating: " ", count: width + 2)
            return [
                (index == 0 ? sign : space, theme.warning), (label, theme.faint),
                (part, fact.differs ? theme.strong : theme.text),
            ]
        }
    }
}
