import TerminalUI

/// What a terminal shows after the bytes that it got: text, pictures and modes.
///
/// It knows what ncurses sends to xterm and its kin, and pictures of sixel, whose pixels stay until
/// a cell is written or erased. Cells have 10 × 20 pixels.
struct FakeScreen {
    struct Cell: Equatable {
        var text = " "
        /// Which picture's pixels are seen, by the order in which they were written.
        var picture: Int?
    }

    let size: Size
    private(set) var cells: [Cell]
    private(set) var cursor = Point(x: 0, y: 0)
    /// Private modes that are set, such as 25 and 1049.
    private(set) var modes: Set<Int> = [7, 25]
    /// Where pictures were written, each with its first bytes.
    private(set) var pictures: [(point: Point, head: String)] = []
    /// Whether lines were moved while there were pictures on the screen.
    private(set) var movedPictures = false
    /// Whether anything but the whole screen was ever to scroll.
    private(set) var hasMargins = false
    /// Sequences that it does not know.
    private(set) var unknown: [String] = []

    private var mainCells: [Cell] = []
    private var saved = Point(x: 0, y: 0)
    private var lastText = " "
    private var margins: Range<Int>
    private var inserts = false

    init(size: Size) {
        self.size = size
        margins = 0..<size.rows
        cells = Array(repeating: Cell(), count: size.columns * size.rows)
    }

    /// The screen after all of these bytes.
    init(size: Size, after bytes: [UInt8]) {
        self.init(size: size)
        feed(bytes)
    }

    /// The text of a row; the right halves of wide characters are empty.
    func text(row: Int) -> String {
        cells[row * size.columns..<(row + 1) * size.columns].map(\.text).joined()
    }

    /// All rows without the blanks at their ends.
    var lines: [String] {
        (0..<size.rows).map { row in
            var line = text(row: row)
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// Which picture is seen in a cell.
    func picture(x: Int, y: Int) -> Int? { cells[y * size.columns + x].picture }

    mutating func feed(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x1B: escape(&rest)
            case 0x0D: cursor.x = 0
            case 0x0A: lineFeed()
            case 0x08: cursor.x = max(0, cursor.x - 1)
            case 0x09: cursor.x = min(size.columns - 1, (cursor.x / 8 + 1) * 8)
            case 0x00..<0x20: continue
            default: character(byte, &rest)
            }
        }
    }

    private mutating func lineFeed() {
        if cursor.y == margins.upperBound - 1 {
            scroll(margins, by: 1)
        } else {
            cursor.y = min(size.rows - 1, cursor.y + 1)
        }
    }

    /// Moves lines up, or down when `count` is negative.
    private mutating func scroll(_ rows: Range<Int>, by count: Int) {
        if cells.contains(where: { $0.picture != nil }) { movedPictures = true }
        let before = cells
        for row in rows {
            for x in 0..<size.columns {
                let from = row + count
                cells[row * size.columns + x] =
                    rows.contains(from) ? before[from * size.columns + x] : Cell()
            }
        }
    }

    private mutating func character(_ first: UInt8, _ rest: inout ArraySlice<UInt8>) {
        var bytes = [first]
        while let next = rest.first, (0x80...0xBF).contains(next) {
            bytes.append(rest.removeFirst())
        }
        let text = String(decoding: bytes, as: UTF8.self)
        put(text == "\u{A0}" ? " " : text)
    }

    private mutating func put(_ text: String) {
        let width = TerminalText.width(text)
        guard width > 0 else {
            if cursor.x > 0 { cells[cursor.y * size.columns + cursor.x - 1].text += text }
            return
        }
        lastText = text
        if cursor.x + width > size.columns {
            cursor.x = 0
            lineFeed()
        }
        let index = cursor.y * size.columns + cursor.x
        if inserts { insert(width) }
        if cells[index].text.isEmpty, cursor.x > 0 { cells[index - 1].text = " " }
        cells[index] = Cell(text: text)
        if width == 2 { cells[index + 1] = Cell(text: "") }
        let next = cursor.x + width
        if next < size.columns, cells[index + width].text.isEmpty {
            cells[index + width].text = " "
        }
        cursor.x = next
    }

    /// Moves the rest of the line to the right, which ncurses does for the last cell of the screen.
    private mutating func insert(_ count: Int) {
        let end = (cursor.y + 1) * size.columns
        let start = cursor.y * size.columns + cursor.x
        cells.insert(contentsOf: Array(repeating: Cell(), count: count), at: start)
        cells.removeSubrange(end..<end + count)
    }

    private mutating func erase(_ range: Range<Int>) {
        for index in range.clamped(to: cells.indices) { cells[index] = Cell() }
    }

    private mutating func escape(_ rest: inout ArraySlice<UInt8>) {
        guard let kind = rest.popFirst() else { return }
        switch kind {
        case UInt8(ascii: "["): control(&rest)
        case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "_"): string(kind, &rest)
        case UInt8(ascii: "("), UInt8(ascii: ")"): _ = rest.popFirst()
        case UInt8(ascii: "7"): saved = cursor
        case UInt8(ascii: "8"): cursor = saved
        case UInt8(ascii: "M"):
            if cursor.y == margins.lowerBound { scroll(margins, by: -1) } else { cursor.y -= 1 }
        case UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "\\"): return
        default: unknown.append("ESC \(Character(Unicode.Scalar(kind)))")
        }
    }

    private mutating func string(_ kind: UInt8, _ rest: inout ArraySlice<UInt8>) {
        var body: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == 0x07 { break }
            if byte == 0x1B {
                rest.removeFirst()
                break
            }
            body.append(byte)
        }
        guard kind == UInt8(ascii: "P") else { return }
        let text = String(decoding: body.prefix(64), as: UTF8.self)
        let numbers = text.split(separator: "\"").last?.prefix { $0.isNumber || $0 == ";" }
            .split(separator: ";").compactMap { Int($0) }
        guard let numbers, numbers.count == 4 else { return }
        pictures.append((cursor, text))
        for y in cursor.y..<cursor.y + (numbers[3] + 19) / 20 {
            for x in cursor.x..<cursor.x + (numbers[2] + 9) / 10 where x < size.columns {
                // The line below a picture must exist, or the terminal scrolls.
                if y >= size.rows - 1 {
                    movedPictures = true
                } else {
                    cells[y * size.columns + x].picture = pictures.count - 1
                }
            }
        }
    }

    private mutating func control(_ rest: inout ArraySlice<UInt8>) {
        let body = rest.prefix { (0x20...0x3F).contains($0) }
        rest = rest.dropFirst(body.count)
        guard let final = rest.popFirst() else { return }
        let text = String(decoding: body, as: UTF8.self)
        let numbers = text.drop { !$0.isNumber }.split(
            separator: ";", omittingEmptySubsequences: false
        )
        .map { Int($0) ?? 0 }
        let count = max(1, numbers.first ?? 1)
        let here = cursor.y * size.columns + min(cursor.x, size.columns - 1)
        let rowStart = cursor.y * size.columns
        switch (Character(Unicode.Scalar(final)), text.first) {
        case ("H", _):
            let row = numbers.first ?? 1
            let column = numbers.count > 1 ? numbers[1] : 1
            cursor = Point(
                x: min(max(1, column), size.columns) - 1, y: min(max(1, row), size.rows) - 1)
        case ("A", _): cursor.y = max(0, cursor.y - count)
        case ("B", _): cursor.y = min(size.rows - 1, cursor.y + count)
        case ("C", _): cursor.x = min(size.columns - 1, cursor.x + count)
        case ("D", _): cursor.x = max(0, min(cursor.x, size.columns - 1) - count)
        case ("G", _): cursor.x = min(size.columns, count) - 1
        case ("d", _): cursor.y = min(size.rows, count) - 1
        case ("J", _):
            switch numbers.first ?? 0 {
            case 0: erase(here..<cells.count)
            case 1: erase(0..<here + 1)
            default: erase(0..<cells.count)
            }
        case ("K", _):
            switch numbers.first ?? 0 {
            case 0: erase(here..<rowStart + size.columns)
            case 1: erase(rowStart..<here + 1)
            default: erase(rowStart..<rowStart + size.columns)
            }
        case ("@", _): insert(count)
        case ("h", let prefix) where prefix != "?": inserts = inserts || numbers.contains(4)
        case ("l", let prefix) where prefix != "?": inserts = inserts && !numbers.contains(4)
        case ("X", _): erase(here..<min(here + count, rowStart + size.columns))
        case ("b", _): for _ in 0..<count { put(lastText) }
        case ("L", _): scroll(cursor.y..<margins.upperBound, by: -count)
        case ("M", _): scroll(cursor.y..<margins.upperBound, by: count)
        case ("S", let prefix) where prefix != "?": scroll(margins, by: count)
        case ("T", _): scroll(margins, by: -count)
        case ("r", let prefix) where prefix != "?":
            margins = (count - 1)..<min(size.rows, numbers.count > 1 ? numbers[1] : size.rows)
            if margins != 0..<size.rows { hasMargins = true }
            cursor = Point(x: 0, y: 0)
        case ("h", "?"): for mode in numbers { set(mode, true) }
        case ("l", "?"): for mode in numbers { set(mode, false) }
        case ("m", _), ("r", "?"), ("t", _), ("c", _), ("q", _), ("S", "?"),
            ("p", _):
            return
        default: unknown.append("CSI \(text)\(Character(Unicode.Scalar(final)))")
        }
    }

    private mutating func set(_ mode: Int, _ on: Bool) {
        if mode == 1049, on != modes.contains(1049) {
            if on {
                mainCells = cells
                saved = cursor
                erase(0..<cells.count)
            } else {
                cells = mainCells
                cursor = saved
            }
        }
        if on { modes.insert(mode) } else { modes.remove(mode) }
    }
}
