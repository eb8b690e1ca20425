import TerminalUI

/// A file of `key: value` lines in YAML, with comments, entry by entry.
///
/// Every entry is parsed by itself: a mistake costs that entry and no other, its line is known, and
/// changing an entry touches no other line. Of YAML's values those people write by hand are taken:
/// words, quoted and folded texts, and lists of these; anchors, tags and nested maps are refused.
struct OptionSheet: Sendable, Equatable {
    enum Value: Sendable, Hashable {
        /// Nothing behind the colon.
        case nothing
        case text(String)
        case list([String])
    }

    struct Entry: Sendable, Equatable {
        let key: String
        let value: Value
        /// Of the key, counted from 1.
        let line: Int
        /// All lines of the entry, counted from 0.
        let lines: Range<Int>
    }

    /// Without their line feeds.
    private(set) var lines: [String]
    /// In the order of the file; a key that occurs twice is here once, with its first value.
    private(set) var entries: [Entry] = []
    /// What could not be read.
    private(set) var problems: [FileProblem] = []

    /// More lines than anybody writes by hand.
    static let mostLines = 20_000
    /// More mistakes than anybody wants to read.
    static let mostProblems = 50

    /// - Parameter firstLine: the number of the text's first line, when it is a part of a file.
    init(_ text: String, firstLine: Int = 1) {
        lines = Self.split(text)
        if lines.count > Self.mostLines {
            lines = Array(lines.prefix(Self.mostLines))
            problems.append(FileProblem("only the first \(Self.mostLines) lines are read"))
        }
        read(firstLine: firstLine)
    }

    subscript(key: String) -> Entry? { entries.first { $0.key == key } }

    /// The file as it is written; it ends with a line feed.
    var text: String { lines.joined(separator: "\n") + "\n" }

    private static func split(_ text: String) -> [String] {
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            .map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        if lines.first?.unicodeScalars.first == "\u{FEFF}" {
            lines[0] = String(String.UnicodeScalarView(lines[0].unicodeScalars.dropFirst()))
        }
        return lines
    }

    // MARK: - Reading

    private mutating func read(firstLine: Int) {
        var index = 0
        var seen: [String: Int] = [:]
        while index < lines.count, problems.count < Self.mostProblems {
            let number = index + firstLine
            let line = lines[index]
            if Self.isBlankOrComment(line) || line.hasPrefix("---") || line == "..." {
                index += 1
                continue
            }
            let end = Self.end(ofEntryAt: index, in: lines)
            defer { index = end }
            guard let (key, rest) = OptionLine.split(line) else {
                let shown = TerminalText.truncated(TerminalText.sanitized(line), to: 40)
                problems.append(
                    FileProblem(line: number, "'\(shown)' is not of the form 'key: value'"))
                continue
            }
            if let first = seen[key] {
                problems.append(
                    FileProblem(
                        line: number,
                        "'\(Self.shown(key))' is set in line \(first) already, which counts"))
                continue
            }
            seen[key] = number
            let source = [String(rest)] + lines[index + 1..<end]
            do {
                let value = try OptionValueReader.read(source)
                entries.append(Entry(key: key, value: value, line: number, lines: index..<end))
            } catch {
                problems.append(
                    FileProblem(line: number + error.line, "'\(Self.shown(key))' \(error.message)"))
            }
        }
    }

    static func shown(_ key: String) -> String {
        TerminalText.truncated(TerminalText.sanitized(key), to: 60)
    }

    private static func isBlankOrComment(_ line: String) -> Bool {
        guard let first = line.unicodeScalars.first(where: { $0 != " " && $0 != "\t" }) else {
            return true
        }
        return first == "#"
    }

    /// An entry goes on while lines are indented or are items of a list; comments and empty lines
    /// behind it are not part of it.
    private static func end(ofEntryAt start: Int, in lines: [String]) -> Int {
        var end = start + 1
        var index = start + 1
        while index < lines.count {
            let line = lines[index]
            let isOwn = line.hasPrefix(" ") || line.hasPrefix("\t") || line.hasPrefix("- ")
            if isOwn, !isBlankOrComment(line) || isIndentedText(line, after: lines[start]) {
                end = index + 1
            } else if !isBlankOrComment(line) {
                break
            } else if line.hasPrefix("#") {
                break
            }
            index += 1
        }
        return end
    }

    /// Whether the line is part of a text whose first line ends with `|` or `>`.
    private static func isIndentedText(_ line: String, after first: String) -> Bool {
        guard line.contains(where: { $0 != " " && $0 != "\t" }) else { return false }
        guard let (_, rest) = OptionLine.split(first) else { return false }
        return rest.first == "|" || rest.first == ">"
    }

    // MARK: - Changing

    /// Gives an entry another value, in its line; a new one replaces the commented line of that
    /// key, or goes to the end.
    ///
    /// - Returns: whether the sheet says so now; if not, it is unchanged.
    mutating func set(_ key: String, to value: Value) -> Bool {
        let before = self
        let source = YAMLText.value(value)
        if let entry = self[key], let parts = OptionLine.split(lines[entry.lines.lowerBound]) {
            let comment = entry.lines.count == 1 ? OptionLine.comment(in: parts.rest) : ""
            let head = lines[entry.lines.lowerBound].dropLast(parts.rest.count)
            let gap = head.last == " " ? "" : " "
            lines.replaceSubrange(entry.lines, with: ["\(head)\(gap)\(source)\(comment)"])
        } else if let index = lines.firstIndex(where: { OptionLine.isDisabled($0, key: key) }) {
            lines[index] = "\(key): \(source)"
        } else {
            lines.append("\(key): \(source)")
        }
        let after = OptionSheet(text)
        guard after.agrees(with: before, except: key, value) else {
            self = before
            return false
        }
        self = after
        return true
    }

    /// Whether a change did what it should, and nothing else.
    private func agrees(with old: OptionSheet, except key: String, _ value: Value) -> Bool {
        let rest = entries.filter { $0.key != key }.map { [$0.key: $0.value] }
        let oldRest = old.entries.filter { $0.key != key }.map { [$0.key: $0.value] }
        return self[key]?.value == value && rest == oldRest
    }
}
