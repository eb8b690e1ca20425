/// The screen of a terminal as far as ncurses and the app use one: text in cells, modes, and where
/// sixel pictures were put.
struct FakeScreen {
    struct Placement: Equatable {
        let row: Int
        let column: Int
        /// The payload between `ESC P` and `ESC \`.
        let bytes: Int
    }

    private(set) var columns: Int
    private(set) var rows: Int
    private(set) var cells: [[Character]]
    private(set) var row = 0
    private(set) var column = 0
    /// Private modes that are on: 25 cursor, 1049 alternate screen, 2004 paste…; 7, the wrapping
    /// of long lines, is on in every terminal and left out.
    private(set) var modes: Set<Int> = [25]
    private(set) var placements: [Placement] = []
    /// Questions that came, for the one who answers.
    private(set) var questions: [String] = []
    /// How many lines were scrolled off; an app that owns the screen never scrolls it.
    private(set) var scrolls = 0
    private var saved = (row: 0, column: 0)
    private var last: Character = " "
    private var pending: [UInt8] = []

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    }

    var text: String { cells.map { String($0) }.joined(separator: "\n") }

    mutating func takeQuestions() -> [String] {
        defer { questions = [] }
        return questions
    }

    mutating func resize(columns: Int, rows: Int) {
        self = {
            var fresh = FakeScreen(columns: columns, rows: rows)
            fresh.modes = modes
            fresh.scrolls = scrolls
            return fresh
        }()
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) {
        pending += bytes
        var index = 0
        while index < pending.count, let used = step(pending[index...]) { index += used }
        pending.removeFirst(index)
    }

    /// Takes one character or sequence; `nil` when more bytes are needed.
    private mutating func step(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first else { return nil }
        if first == 0x1B { return escape(bytes) }
        if first < 0x20 || first == 0x7F {
            control(first)
            return 1
        }
        let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard bytes.count >= length else { return nil }
        let text = String(decoding: bytes.prefix(length), as: UTF8.self)
        for character in text { put(character) }
        return length
    }

    private mutating func control(_ byte: UInt8) {
        switch byte {
        case 0x08: column = max(0, column - 1)
        case 0x0A: lineFeed()
        case 0x0D: column = 0
        default: break
        }
    }

    private mutating func lineFeed() {
        if row == rows - 1 { scrolls += 1 } else { row += 1 }
    }

    private mutating func put(_ character: Character) {
        if column >= columns {
            column = 0
            lineFeed()
        }
        // Combining marks join; wide characters are rare in these tests and take one cell.
        cells[row][column] = character
        last = character
        column += 1
    }

    private mutating func escape(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 2 else { return nil }
        let start = bytes.startIndex
        switch bytes[start + 1] {
        case UInt8(ascii: "["): return controlSequence(bytes)
        case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "_"): return string(bytes)
        case UInt8(ascii: "7"):
            saved = (row, column)
            return 2
        case UInt8(ascii: "8"):
            (row, column) = saved
            return 2
        case UInt8(ascii: "("), UInt8(ascii: ")"): return bytes.count >= 3 ? 3 : nil
        default: return 2
        }
    }

    private mutating func string(_ bytes: ArraySlice<UInt8>) -> Int? {
        let start = bytes.startIndex
        // The Linux console resets its palette with three bytes that nothing ends.
        if bytes.starts(with: "\u{1B}]R".utf8) { return 3 }
        var index = start + 2
        while index < bytes.endIndex {
            let isBell = bytes[index] == 0x07
            let isEnd =
                bytes[index] == 0x1B && index + 1 < bytes.endIndex
                && bytes[index + 1] == UInt8(ascii: "\\")
            guard isBell || isEnd else {
                index += 1
                continue
            }
            let body = bytes[(start + 2)..<index]
            if bytes[start + 1] == UInt8(ascii: "P") {
                placements.append(Placement(row: row, column: column, bytes: body.count))
            } else if body.starts(with: "11;?".utf8) {
                questions.append("]11")
            }
            return index - start + (isBell ? 1 : 2)
        }
        return nil
    }

    private mutating func controlSequence(_ bytes: ArraySlice<UInt8>) -> Int? {
        let body = bytes.dropFirst(2)
        guard let end = body.firstIndex(where: { (0x40...0x7E).contains($0) }) else { return nil }
        let parameters = String(decoding: body[..<end], as: UTF8.self)
        perform(parameters, final: Character(Unicode.Scalar(bytes[end])))
        return end - bytes.startIndex + 1
    }

    private mutating func perform(_ parameters: String, final: Character) {
        let isPrivate = parameters.hasPrefix("?")
        let numbers = parameters.drop { !$0.isNumber && $0 != ";" }
            .split(separator: ";", omittingEmptySubsequences: false)
            .map { Int($0.prefix { $0.isNumber }) }
        func number(_ index: Int, _ standard: Int) -> Int {
            index < numbers.count ? max(numbers[index] ?? standard, 0) : standard
        }
        switch final {
        case "H", "f":
            row = min(rows, max(1, number(0, 1))) - 1
            column = min(columns, max(1, number(1, 1))) - 1
        case "A": row = max(0, row - max(1, number(0, 1)))
        case "B": row = min(rows - 1, row + max(1, number(0, 1)))
        case "C": column = min(columns - 1, column + max(1, number(0, 1)))
        case "D": column = max(0, column - max(1, number(0, 1)))
        case "G": column = min(columns, max(1, number(0, 1))) - 1
        case "d": row = min(rows, max(1, number(0, 1))) - 1
        case "J": erase(number(0, 0))
        case "K":
            let range = number(0, 0) == 1 ? 0..<min(columns, column + 1) : column..<columns
            for x in range { cells[row][x] = " " }
        case "X":
            for x in column..<min(columns, column + max(1, number(0, 1))) { cells[row][x] = " " }
        case "b" where !isPrivate: for _ in 0..<max(1, number(0, 1)) { put(last) }
        case "h" where isPrivate: modes.formUnion(numbers.compactMap { $0 == 7 ? nil : $0 })
        case "l" where isPrivate: modes.subtract(numbers.compactMap { $0 })
        case "c": questions.append("c")
        case "q" where parameters.hasPrefix(">"): questions.append(">q")
        case "S" where isPrivate: questions.append("?\(number(0, 0));\(number(1, 0))S")
        case "p" where parameters.hasSuffix("$"): questions.append("?\(number(0, 0))$p")
        case "t" where number(0, 0) == 16: questions.append("16t")
        default: break
        }
    }

    private mutating func erase(_ part: Int) {
        for y in 0..<rows where part == 2 || (part == 0 && y > row) || (part == 1 && y < row) {
            cells[y] = Array(repeating: " ", count: columns)
        }
        if part == 0 { for x in column..<columns { cells[row][x] = " " } }
        if part == 1 { for x in 0...min(column, columns - 1) { cells[row][x] = " " } }
    }
}
