import TerminalUI

/// Breaks text that arrives in pieces at spaces, so that no word or name is cut at the edge of the
/// terminal.
///
/// Colour codes in the text take no room.
struct WordWrapper: Sendable {
    private let columns: Int
    private var column = 0
    private var spaces = 0
    private var word = ""
    private var wordWidth = 0
    private var isInCode = false

    /// - Parameter columns: cells of a line; 0 never breaks.
    init(columns: Int) { self.columns = columns }

    /// Takes more text and returns all but the last, perhaps unfinished word.
    mutating func append(_ text: String) -> String {
        guard columns > 0 else { return text }
        var ready = ""
        for character in text {
            if isInCode {
                word.append(character)
                isInCode = !character.isLetter
            } else if character == "\u{1B}" {
                word.append(character)
                isInCode = true
            } else if character == " " || character == "\n" {
                ready += takeWord()
                if character == "\n" {
                    ready += "\n"
                    column = 0
                    spaces = 0
                } else {
                    spaces += 1
                }
            } else {
                word.append(character)
                wordWidth += TerminalText.width(String(character))
            }
        }
        return ready
    }

    /// Returns the last word.
    mutating func finish() -> String { takeWord() }

    private mutating func takeWord() -> String {
        guard !word.isEmpty else { return "" }
        defer {
            word = ""
            wordWidth = 0
            spaces = 0
        }
        if column > 0, column + spaces + wordWidth > columns {
            column = wordWidth
            return "\n" + word
        }
        column += spaces + wordWidth
        return String(repeating: " ", count: spaces) + word
    }
}
