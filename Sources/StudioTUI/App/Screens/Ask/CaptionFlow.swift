import TerminalUI

/// Tagged text broken into lines while it grows: each character is looked at once.
struct CaptionFlow: Sendable, Equatable {
    /// One line of the screen.
    struct Line: Sendable, Equatable {
        private(set) var pieces: [TaggedText] = []
        private(set) var width = 0

        var isEmpty: Bool { pieces.isEmpty }
        var text: String { pieces.map(\.text).joined() }

        mutating func append(_ text: String, _ role: TextRole, width: Int) {
            self.width += width
            if let last = pieces.indices.last, pieces[last].role == role {
                pieces[last].text += text
            } else {
                pieces.append(TaggedText(text, role))
            }
        }

        mutating func append(_ other: Line) {
            for piece in other.pieces { append(piece.text, piece.role, width: 0) }
            width += other.width
        }
    }

    let columns: Int
    /// Lines to which nothing can be added any more.
    private var finished: [Line] = []
    private var open = Line()
    /// The space before the word that is being written.
    private var gap: TextRole?
    private var word = Line()

    init(columns: Int) { self.columns = max(1, columns) }

    /// All of a text at once.
    init(_ pieces: [TaggedText], columns: Int) {
        self.init(columns: columns)
        append(pieces)
    }

    mutating func append(_ pieces: [TaggedText]) {
        for piece in pieces {
            for character in piece.text { append(character, piece.role) }
        }
    }

    private mutating func append(_ character: Character, _ role: TextRole) {
        if character.isNewline {
            place()
            finished.append(open)
            open = Line()
            gap = nil
        } else if character == " " {
            place()
            if !open.isEmpty { gap = role }
        } else {
            let (shown, width) = TerminalText.displayed(character)
            // A word longer than a line is cut.
            if word.width + width > columns { place() }
            word.append(shown, role, width: width)
        }
    }

    /// Puts the finished word behind the line, or on the next one.
    private mutating func place() {
        guard !word.isEmpty else { return }
        let (line, next) = joined
        if let next {
            finished.append(line)
            open = next
        } else {
            open = line
        }
        word = Line()
        gap = nil
    }

    /// The open line with the word, which may need a line of its own.
    private var joined: (Line, Line?) {
        if word.isEmpty { return (open, nil) }
        if open.isEmpty { return (word, nil) }
        guard open.width + (gap == nil ? 0 : 1) + word.width <= columns else { return (open, word) }
        var line = open
        if let gap { line.append(" ", gap, width: 1) }
        line.append(word)
        return (line, nil)
    }

    var isEmpty: Bool { finished.isEmpty && open.isEmpty && word.isEmpty }

    /// How many lines there are by now.
    var count: Int {
        let (line, next) = joined
        return finished.count + (next != nil ? 2 : line.isEmpty ? 0 : 1)
    }

    /// Some of the lines, those that do not exist left out.
    func lines(_ range: Range<Int>) -> [Line] {
        let (line, next) = joined
        let tail = next.map { [line, $0] } ?? (line.isEmpty ? [] : [line])
        let bounds = range.clamped(to: 0..<finished.count + tail.count)
        return bounds.map { $0 < finished.count ? finished[$0] : tail[$0 - finished.count] }
    }
}

extension Scene {
    /// Lines of a caption, each name in the colour of its slot and underlined.
    mutating func caption(_ lines: [CaptionFlow.Line], in rect: Rect) {
        for (row, line) in lines.prefix(rect.rows).enumerated() {
            var x = rect.x
            for piece in line.pieces {
                x += frame.write(
                    piece.text, x: x, y: rect.y + row, style: theme.style(piece.role),
                    columns: rect.right - x)
            }
        }
    }
}

extension Theme {
    /// How a stretch of a caption looks.
    func style(_ role: TextRole) -> Style {
        switch role {
        case .plain: text
        case .strong: strong
        case .faint: faint
        case .good: good
        case .warning: warning
        case .bad: bad.adding(.underline)
        case .concept(let index): concept(index).adding(.underline)
        }
    }
}
