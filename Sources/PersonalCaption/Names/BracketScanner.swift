/// Cuts a text into bracketed names, closing tags, and the plain text between them.
enum BracketScanner {
    /// A stretch of characters.
    struct Segment: Equatable {
        enum Kind { case plain, name, closingTag }
        var kind: Kind
        /// Its characters, without brackets or the closing slash.
        var range: Range<Int>
    }

    /// A longer stretch between brackets is prose with stray signs, not a name.
    private static let longestName = 200

    /// - Parameter characters: a whole text.
    static func segments(_ characters: [FoldedCharacter]) -> [Segment] {
        var segments: [Segment] = []
        var plainStart = 0
        var index = 0
        while index < characters.count {
            guard let close = end(of: characters, openedAt: index) else {
                index += 1
                continue
            }
            if plainStart < index {
                segments.append(.init(kind: .plain, range: plainStart..<index))
            }
            let isClosing = characters[index + 1].text == "/"
            segments.append(
                .init(
                    kind: isClosing ? .closingTag : .name,
                    range: index + (isClosing ? 2 : 1)..<close))
            index = close + 1
            plainStart = index
        }
        if plainStart < characters.count {
            segments.append(.init(kind: .plain, range: plainStart..<characters.count))
        }
        return segments
    }

    /// Where the bracket opened here closes; `nil` when none opens ("3 < 5"), or it holds another
    /// opening bracket, a line break, or too much.
    private static func end(of characters: [FoldedCharacter], openedAt start: Int) -> Int? {
        guard characters[start].text == "<", start + 2 < characters.count,
            characters[start + 1].wordClass != .space
        else { return nil }
        for index in start + 1..<min(characters.count, start + longestName + 2) {
            switch characters[index].text {
            case ">":
                return index > start + 1 && characters[index - 1].wordClass != .space ? index : nil
            case "<", "\n", "\r\n", "\r": return nil
            default: continue
            }
        }
        return nil
    }
}
