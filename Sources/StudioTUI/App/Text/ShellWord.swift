import TerminalUI

/// A word of a line as shells read it, with quotes and backslashes taken off.
struct ShellWord: Sendable, Equatable {
    /// What the word says.
    let text: String
    /// The word as a pattern for `Glob`: signs that were quoted have a backslash before them.
    let pattern: String
    /// Whether a sign that is not quoted makes it stand for several files.
    let isPattern: Bool
    /// Whether it begins with a `~` that stands for the user's folder.
    let hasTilde: Bool
    /// Where it stands in the line.
    let range: Range<String.Index>
    /// The quote that is open at its end, in a line that is being typed.
    let openQuote: Character?
}

/// Cuts a line into words as shells do: quotes, backslashes, spaces; nothing is ever executed.
enum ShellWords {
    /// Longer lines and more words are no list of files.
    static let mostWords = 10_000

    /// The words of a line; a quote or backslash that is left open ends with the line.
    static func split(_ line: String) -> [ShellWord] {
        var words: [ShellWord] = []
        var index = line.startIndex
        while words.count < mostWords {
            while index < line.endIndex, line[index].isWhitespace {
                index = line.index(after: index)
            }
            guard index < line.endIndex else { break }
            words.append(word(line, &index))
        }
        return words
    }

    private static func word(_ line: String, _ index: inout String.Index) -> ShellWord {
        let start = index
        var text = ""
        var pattern = ""
        var isPattern = false
        var quote: Character?
        func addLiteral(_ character: Character) {
            if Glob.isSign(character) { pattern.append("\\") }
            text.append(character)
            pattern.append(character)
        }
        while index < line.endIndex {
            let character = line[index]
            let next = line.index(after: index)
            if let open = quote {
                if character == open {
                    quote = nil
                } else if open == "\"", character == "\\", next < line.endIndex,
                    "\"\\$`".contains(line[next])
                {
                    addLiteral(line[next])
                    index = line.index(after: next)
                    continue
                } else {
                    addLiteral(character)
                }
            } else if character.isWhitespace {
                break
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "\\" {
                if next < line.endIndex {
                    addLiteral(line[next])
                    index = line.index(after: next)
                    continue
                }
            } else {
                if "*?[".contains(character) { isPattern = true }
                text.append(character)
                pattern.append(character)
            }
            index = next
        }
        let hasTilde = line[start] == "~" && (text == "~" || text.hasPrefix("~/"))
        return ShellWord(
            text: text, pattern: pattern, isPattern: isPattern, hasTilde: hasTilde,
            range: start..<index, openQuote: quote)
    }

    /// The text as one word of a line.
    ///
    /// - Parameter quote: the quote it stands in, if one is open.
    static func escaped(_ text: String, in quote: Character? = nil) -> String {
        var escaped = ""
        for character in text {
            switch quote {
            case "'" where character == "'": escaped += "'\\''"
            case "'": escaped.append(character)
            case "\"":
                if "\"\\$`".contains(character) { escaped.append("\\") }
                escaped.append(character)
            default:
                if character.isWhitespace || " \"'\\()&;*?[]$`!#<>|{}".contains(character) {
                    escaped.append("\\")
                }
                escaped.append(character)
            }
        }
        if quote == nil, escaped.first == "~" { escaped = "\\" + escaped }
        return escaped
    }
}
