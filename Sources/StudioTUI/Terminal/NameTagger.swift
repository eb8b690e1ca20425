import TerminalUI

/// A stretch of text and what it is.
struct TaggedText: Sendable, Equatable {
    var text: String
    var role: TextRole

    init(_ text: String, _ role: TextRole = .plain) {
        self.text = text
        self.role = role
    }
}

/// Finds the names of concepts in text that arrives in pieces.
///
/// Text is held back only while it could still become a name.
struct NameTagger: Sendable {
    private let patterns: [(text: [Character], role: TextRole)]
    private var pending: [Character] = []
    private var previous: Character?

    /// - Parameters:
    ///   - names: as the caption writes them; the n-th gets the n-th role.
    ///   - wrongNames: names that must not be there.
    init(names: [String], wrongNames: [String] = []) {
        var patterns: [(text: [Character], role: TextRole)] = []
        func add(_ name: String, _ role: TextRole) {
            guard !name.isEmpty else { return }
            patterns.append((Array("<\(name.lowercased())>"), role))
            patterns.append((Array(name.lowercased()), role))
        }
        for (index, name) in names.enumerated() { add(name, .concept(index)) }
        for name in wrongNames { add(name, .bad) }
        self.patterns = patterns.sorted { $0.text.count > $1.text.count }
    }

    /// Takes more text and returns what can be shown by now, sanitised.
    mutating func append(_ text: String) -> [TaggedText] {
        pending += Array(TerminalText.sanitized(text, lines: true))
        return drain(isComplete: false)
    }

    /// Returns what was held back.
    mutating func finish() -> [TaggedText] { drain(isComplete: true) }

    private mutating func drain(isComplete: Bool) -> [TaggedText] {
        var shown: [TaggedText] = []
        var plain = ""
        func endPlain() {
            guard !plain.isEmpty else { return }
            shown.append(TaggedText(plain))
            plain = ""
        }
        var index = 0
        while index < pending.count {
            if let match = match(at: index, isComplete: isComplete) {
                guard let length = match.length else { break }
                endPlain()
                shown.append(TaggedText(String(pending[index..<index + length]), match.role))
                previous = pending[index + length - 1]
                index += length
            } else {
                plain.append(pending[index])
                previous = pending[index]
                index += 1
            }
        }
        endPlain()
        pending.removeFirst(index)
        return shown
    }

    /// A name that starts here; its length is `nil` while more text is needed to be sure.
    private func match(at index: Int, isComplete: Bool) -> (length: Int?, role: TextRole)? {
        let before = index > 0 ? pending[index - 1] : previous
        for pattern in patterns {
            guard Self.isBoundary(before) || !Self.isWord(pattern.text.first) else { continue }
            let available = min(pattern.text.count, pending.count - index)
            let same = (0..<available).allSatisfy {
                pending[index + $0].lowercased() == String(pattern.text[$0])
            }
            guard same else { continue }
            let end = index + pattern.text.count
            if end < pending.count || isComplete {
                guard end <= pending.count else { continue }
                let after = end < pending.count ? pending[end] : nil
                guard Self.isBoundary(after) || !Self.isWord(pattern.text.last) else { continue }
                return (pattern.text.count, pattern.role)
            }
            return (nil, pattern.role)
        }
        return nil
    }

    private static func isWord(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber } ?? false
    }

    private static func isBoundary(_ character: Character?) -> Bool { !isWord(character) }
}
