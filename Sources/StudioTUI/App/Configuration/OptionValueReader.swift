import TerminalUI
import Yams

/// Reads the value of one entry of an option sheet.
///
/// What Yams is given has been looked over before: aliases that multiply, and lists in lists a
/// thousand deep, never reach it.
enum OptionValueReader {
    struct Mistake: Error {
        /// Counted from the entry's first.
        let line: Int
        /// Follows the key, such as "has a quote that does not end".
        let message: String
    }

    /// Larger values are nothing anybody typed.
    static let mostBytes = 64 * 1024

    /// - Parameter source: what stands behind the colon, and the lines below that belong to it.
    static func read(_ source: [String]) throws(Mistake) -> OptionSheet.Value {
        let text = source.joined(separator: "\n")
        guard text.utf8.count <= mostBytes else {
            throw Mistake(line: 0, message: "is too long")
        }
        try check(source)
        let node: Node?
        do {
            node = try compose(yaml: "value: \(text)\n")?.mapping?.first?.value
        } catch {
            throw mistake(error)
        }
        return try value(node)
    }

    private static func value(_ node: Node?) throws(Mistake) -> OptionSheet.Value {
        switch node {
        case .scalar(let scalar):
            let isNothing =
                scalar.style == .plain && ["", "~", "null"].contains(scalar.string.lowercased())
            return isNothing ? .nothing : .text(scalar.string)
        case .sequence(let items):
            var texts: [String] = []
            for item in items {
                guard let text = item.scalar?.string else {
                    throw Mistake(line: 0, message: "has something else than words in its list")
                }
                texts.append(text)
            }
            return .list(texts)
        case nil: return .nothing
        default:
            throw Mistake(line: 0, message: "must be a value or a list, not a map")
        }
    }

    // MARK: - Looking it over

    private static func check(_ source: [String]) throws(Mistake) {
        for (line, text) in source.enumerated() where text.unicodeScalars.contains(where: isOdd) {
            throw Mistake(line: line, message: "has a control character or an odd line break")
        }
        let first = source.first ?? ""
        switch first.first {
        case "|", ">": return
        case "[": try checkList(source.joined(separator: "\n"))
        case nil, "#": try checkItems(source.dropFirst())
        default: try checkWord(Substring(first), line: 0)
        }
    }

    /// What YAML forbids, or takes for the end of a line where people see none.
    private static func isOdd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: false
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF: true
        default: false
        }
    }

    /// Items of a list, one on each line.
    private static func checkItems(_ lines: ArraySlice<String>) throws(Mistake) {
        for (offset, line) in lines.enumerated() {
            var item = line.drop(while: isBlank)
            if item.first == "-", item.dropFirst().first.map(isBlank) ?? true {
                item = item.dropFirst().drop(while: isBlank)
            } else if let (key, _) = OptionLine.split(String(item)) {
                let hint = "write its parts on lines of their own, such as 'name.\(key): …'"
                throw Mistake(line: 0, message: "must be a value or a list; \(hint)")
            }
            if item.isEmpty || item.first == "#" { continue }
            try checkWord(item, line: offset + 1)
            let rest = OptionLine.skipQuoted(item)
            guard rest.startIndex == item.startIndex else { continue }
            if item.contains(": ") || item.contains(":\t") || item.last == ":" {
                throw Mistake(line: offset + 1, message: "has ':' in its list; put it in quotes")
            }
        }
    }

    /// A value, or an item on a line of its own: a word or a quoted text, nothing with parts.
    private static func checkWord(_ word: Substring, line: Int) throws(Mistake) {
        guard let first = word.first else { return }
        if first == "\"" || first == "'" {
            let rest = OptionLine.skipQuoted(word).drop(while: isBlank)
            guard rest.isEmpty || rest.first == "#" else {
                throw Mistake(line: line, message: "goes on behind its quotes")
            }
            return
        }
        guard "&*!?%@`{}[],|>-".contains(first) else { return }
        // `-5` and `?x` are words; `- x` is a list.
        if first == "-" || first == "?", let next = word.dropFirst().first, !isBlank(next) {
            return
        }
        throw Mistake(line: line, message: "begins with '\(first)'; put the value in quotes")
    }

    /// A list in brackets: words and quoted texts between commas.
    private static func checkList(_ text: String) throws(Mistake) {
        var rest = Substring(text).dropFirst()
        var line = 0
        var isStart = true
        var previous: Character = "["
        while let character = rest.first {
            if isStart, character == "\"" || character == "'" {
                let tail = OptionLine.skipQuoted(rest)
                line += rest[..<tail.startIndex].count { $0 == "\n" }
                rest = tail
                (isStart, previous) = (false, character)
                continue
            }
            if character == "#", isBlank(previous) || previous == "\n" || previous == "," {
                rest = rest.drop { $0 != "\n" }
                continue
            }
            rest = rest.dropFirst()
            let next = rest.first ?? " "
            let isMap = character == ":" && (isBlank(next) || "\n\"',[]{}".contains(next))
            let isPart = isStart && "&*!?%@`|>".contains(character)
            if character == "]", !isMap { return }
            guard !isMap, !isPart, !"[{}".contains(character) else {
                throw Mistake(
                    line: line, message: "has '\(character)' in its list; put it in quotes")
            }
            if character == "\n" { line += 1 }
            if character == "," {
                isStart = true
            } else if !isBlank(character), character != "\n" {
                isStart = false
            }
            previous = character
        }
        throw Mistake(line: 0, message: "has a list that does not end with ']'")
    }

    private static func isBlank(_ character: Character) -> Bool {
        character == " " || character == "\t"
    }

    // MARK: - Errors

    private static func mistake(_ error: any Error) -> Mistake {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
            .composer(_, let problem, let mark, _)?:
            Mistake(line: max(0, mark.line - 1), message: "cannot be read: \(problem)")
        case .reader(let problem, _, _, _)?:
            Mistake(line: 0, message: "cannot be read: \(problem)")
        default: Mistake(line: 0, message: "cannot be read as YAML")
        }
    }
}
