import ConceptDB
import PersonalCaption
import TerminalUI

/// A caption in which names and differences stand out, broken into lines.
struct MarkedText: Sendable {
    /// What a stretch of text is.
    struct Look: Sendable, Hashable {
        var change = WordDiff.Kind.same
        /// The place of the concept that is named here.
        var name: Int?
        /// Names somebody who was not given.
        var isWrong = false

        static let plain = Look()

        func style(_ theme: Theme) -> Style {
            var style = theme.text
            switch change {
            case .same: break
            case .onlyLeft: style = theme.removed
            case .onlyRight: style = theme.added
            }
            guard name != nil || isWrong else { return style }
            let marked = name.map(theme.concept) ?? theme.bad
            return marked.on(style.background).adding(style.attributes)
        }
    }

    struct Piece: Sendable, Equatable {
        var text: String
        let look: Look
    }

    private var characters: [(character: Character, look: Look)] = []

    /// - Parameters:
    ///   - runs: what only this caption says; `nil` leaves differences unmarked.
    ///   - mark: how that is shown; it depends on the column, for in a blind vote the sign of a
    ///     side would tell which caption it is.
    ///   - names: decide the colours.
    init(
        _ caption: CompareCaption, runs: [WordDiff.Run]?, mark: WordDiff.Kind = .onlyLeft,
        names: [String]
    ) {
        let text = caption.record.caption
        var looks = Array(repeating: Look.plain, count: text.count)
        for mention in caption.names.mentions {
            let start = text.distance(from: text.startIndex, to: mention.range.lowerBound)
            let length = text.distance(
                from: mention.range.lowerBound, to: mention.range.upperBound)
            for index in start..<min(start + length, looks.count) {
                looks[index].name =
                    mention.kind == .supplied
                    ? names.firstIndex(of: mention.name) : nil
                looks[index].isWrong = mention.kind != .supplied
            }
        }
        var signs: Set<Int> = []
        var position = 0
        for run in runs ?? [] {
            let end = min(position + run.text.count, looks.count)
            if run.kind != .same, position < end { signs.insert(position) }
            for index in position..<max(position, end) {
                looks[index].change = run.kind == .same ? .same : mark
            }
            position = end
        }
        for (index, character) in text.enumerated() {
            let look = looks[index]
            if signs.contains(index) {
                let sign: Character = look.change == .onlyLeft ? "-" : "+"
                characters.append((sign, Look(change: look.change)))
            }
            if character.isNewline {
                characters.append(("\n", look))
            } else {
                for safe in TerminalText.sanitized(String(character)) {
                    characters.append((safe, look))
                }
            }
        }
    }

    /// Lines of at most so many cells, broken at spaces where there are any.
    func lines(_ columns: Int) -> [[Piece]] {
        guard columns > 0 else { return [] }
        var wrapper = Wrapper(columns: columns)
        for (character, look) in characters { wrapper.add(character, look) }
        return wrapper.finish()
    }

    private struct Wrapper {
        let columns: Int
        private var lines: [[Piece]] = []
        private var line: [Piece] = []
        private var lineWidth = 0
        private var word: [(Character, Look)] = []
        private var wordWidth = 0
        private var space: (count: Int, look: Look) = (0, .plain)

        init(columns: Int) { self.columns = columns }

        mutating func add(_ character: Character, _ look: Look) {
            if character == "\n" {
                endWord()
                endLine()
            } else if character == " " {
                endWord()
                space = (1, look)
            } else {
                word.append((character, look))
                wordWidth += TerminalText.displayed(character).width
            }
        }

        mutating func finish() -> [[Piece]] {
            endWord()
            endLine()
            return lines
        }

        private mutating func endWord() {
            guard !word.isEmpty else { return }
            if lineWidth > 0, lineWidth + space.count + wordWidth > columns { endLine() }
            if lineWidth > 0, space.count > 0 { append(" ", space.look, 1) }
            for (character, look) in word {
                let width = TerminalText.displayed(character).width
                if lineWidth + width > columns { endLine() }
                append(character, look, width)
            }
            word = []
            wordWidth = 0
            space = (0, .plain)
        }

        private mutating func append(_ character: Character, _ look: Look, _ width: Int) {
            if line.last?.look == look {
                line[line.count - 1].text.append(character)
            } else {
                line.append(Piece(text: String(character), look: look))
            }
            lineWidth += width
        }

        private mutating func endLine() {
            lines.append(line)
            line = []
            lineWidth = 0
            space = (0, .plain)
        }
    }
}
