/// What the terminal shows as far as we know, cell by cell and picture by picture; from it follows
/// what a new frame must write.
///
/// Terminals keep the pixels of a picture until the cells below are written, and ncurses writes only
/// cells that it believes to have changed. So the cells of a picture hold a *sentinel* that no text
/// equals: a popup over the picture is then written completely, its blanks too, and cells that
/// become text again lose their pixels. The sentinel has two forms, told apart only by ncurses;
/// changing from one to the other erases the pixels of a picture whose cells stay a picture's.
struct ScreenModel {
    /// The values of `Cell.picture` here: text, and the two forms of the sentinel.
    static let textCell: Int32 = -1
    static let sentinels: (Int32, Int32) = (0, 1)

    /// A picture that was written, of which some pixels may still be seen.
    private struct Emission {
        let id: Int32
        let key: String
        let rect: Rect
        let pixels: PixelSize?
    }

    private(set) var size: Size
    /// What each cell holds; `picture` is one of the values above.
    private(set) var cells: [Cell]
    /// Of which emission each cell may show pixels; 0 for none.
    private var stains: [Int32]
    private var emissions: [Emission] = []
    private var lastID: Int32 = 0
    private var isKnown = false

    /// How many pixels a cell has, when the terminal told.
    var cellPixels: PixelSize?

    /// A screen of which nothing is known.
    init(size: Size) {
        self.size = size
        cells = []
        stains = []
        forget()
    }

    /// Something else wrote on the terminal, or its size changed.
    mutating func forget(size newSize: Size? = nil) {
        size = newSize ?? size
        let count = max(0, size.columns) * max(0, size.rows)
        cells = Array(repeating: Cell(), count: count)
        stains = Array(repeating: 0, count: count)
        emissions = []
        isKnown = false
    }

    /// Takes the frame as shown and says what must be written for it.
    ///
    /// - Parameter forced: write every picture again, whatever is known about it.
    mutating func plan(for frame: Frame, forced: Bool = false) -> PresentationPlan {
        var plan = PresentationPlan()
        plan.clears = !isKnown
        plan.keepsLines = !emissions.isEmpty
        isKnown = true
        var target = normalised(frame)
        var emitted: [(index: Int, rect: Rect, key: String, pixels: PixelSize?)] = []
        for (index, picture) in frame.pictures.enumerated() {
            let rect = picture.rect
            let mine = sentinels(of: index, in: frame, rect)
            let same = emissions.first { $0.key == picture.key && $0.rect == rect }
            let isIntact = same.map { old in mine.allSatisfy { stains[$0] == old.id } } ?? false
            let pixels = picture.lines.count == 1 ? SixelRaster.size(picture.lines[0]) : nil
            let isComplete =
                mine.count == rect.columns * rect.rows && fits(rect, pixels: pixels)
            if isIntact, !(forced && isComplete) { continue }
            if isComplete { emitted.append((index, rect, picture.key, pixels)) }
            for cell in mine where stains[cell] != 0 && cells[cell].picture >= 0 {
                let keeps =
                    isComplete
                    ? covers(picture, pixels, cell)
                    // Behind a popup: what is seen of it may stay, another one's pixels may not.
                    : stains[cell] == same?.id
                if !keeps { target[cell].picture = 1 - cells[cell].picture }
            }
        }
        plan.wipes = runs { index in
            stains[index] != 0 && cells[index].picture >= 0 && target[index].picture < 0
                && target[index].text == " "
        }
        plan.runs = changes(to: target)
        for picture in emitted {
            stain(
                picture.rect,
                Emission(
                    id: nextID(), key: picture.key, rect: picture.rect, pixels: picture.pixels))
            plan.pictures.append(picture.index)
        }
        dropUnseenEmissions()
        return plan
    }

    // MARK: Parts of the plan

    /// The frame's cells as they will be told to ncurses, cut or filled to the screen's size.
    private func normalised(_ frame: Frame) -> [Cell] {
        var target = Array(repeating: Cell(), count: cells.count)
        let columns = min(size.columns, frame.size.columns)
        for y in 0..<min(size.rows, frame.size.rows) {
            var isWide = false
            for x in 0..<columns {
                var cell = frame[x, y]
                let index = y * size.columns + x
                if cell.picture >= 0 {
                    // Pictures keep their look whatever is dimmed around them.
                    cell = Cell()
                    cell.picture = max(Self.sentinels.0, cells[index].picture)
                } else if cell.text.isEmpty {
                    // The right half looks like the left one; without one it is a blank.
                    if isWide, x > 0 {
                        cell.style = target[index - 1].style
                    } else {
                        cell.text = " "
                    }
                } else if cell.text == " " || cell.text == "\u{A0}" {
                    cell.text = " "
                    cell.style = Self.blank(cell.style)
                } else if x + 1 == columns, x + 1 == size.columns, Self.isWide(cell.text) {
                    cell.text = " "
                }
                isWide = cell.picture < 0 && !cell.text.isEmpty && cell.text != " "
                target[index] = cell
            }
        }
        return target
    }

    /// A blank shows no foreground, unless it is underlined or reversed.
    private static func blank(_ style: Style) -> Style {
        guard style.attributes.isDisjoint(with: [.underline, .reverse]) else { return style }
        return Style(background: style.background)
    }

    private static func isWide(_ text: String) -> Bool {
        text.utf8.count > 1 && TerminalText.width(text) > 1
    }

    /// The cells through which the picture shows.
    private func sentinels(of index: Int, in frame: Frame, _ rect: Rect) -> [Int] {
        let area = rect.intersection(Rect(size)).intersection(frame.bounds)
        var found: [Int] = []
        found.reserveCapacity(area.columns * area.rows)
        for y in area.y..<area.bottom {
            for x in area.x..<area.right where frame[x, y].picture == Int32(index) {
                found.append(y * size.columns + x)
            }
        }
        return found
    }

    /// A picture that touched the last row would scroll the screen, whatever its cells say.
    private func fits(_ rect: Rect, pixels: PixelSize?) -> Bool {
        guard rect.x >= 0, rect.y >= 0, rect.right <= size.columns, rect.bottom < size.rows else {
            return false
        }
        guard let pixels, let cellPixels else { return true }
        return pixels.height <= (size.rows - 1 - rect.y) * cellPixels.height
    }

    /// Whether the picture paints over all that an older one left in this cell.
    private func covers(_ picture: FramePicture, _ pixels: PixelSize?, _ cell: Int) -> Bool {
        guard let pixels else { return picture.lines.count == picture.rect.rows }
        let rect = picture.rect
        let old = emissions.first { $0.id == stains[cell] }
        if let old, old.rect.origin == rect.origin, let before = old.pixels,
            before.width <= pixels.width, before.height <= pixels.height
        {
            return true
        }
        guard let cellPixels else { return false }
        let column = cell % size.columns - rect.x
        let row = cell / size.columns - rect.y
        return (column + 1) * cellPixels.width <= pixels.width
            && (row + 1) * cellPixels.height <= pixels.height
    }

    /// The runs of cells that differ; they lose their pixels.
    private mutating func changes(to target: [Cell]) -> [PresentationPlan.Run] {
        let runs = runs { target[$0] != cells[$0] }
        for run in runs {
            let start = run.y * size.columns + run.x
            for index in start..<start + run.columns { stains[index] = 0 }
        }
        cells = target
        return runs
    }

    /// Cells side by side for which something holds.
    private func runs(where holds: (Int) -> Bool) -> [PresentationPlan.Run] {
        var runs: [PresentationPlan.Run] = []
        for y in 0..<size.rows {
            var start: Int?
            for x in 0..<size.columns {
                if holds(y * size.columns + x) {
                    if start == nil { start = x }
                } else if let first = start {
                    runs.append(.init(x: first, y: y, columns: x - first))
                    start = nil
                }
            }
            if let first = start {
                runs.append(.init(x: first, y: y, columns: size.columns - first))
            }
        }
        return runs
    }

    private mutating func nextID() -> Int32 {
        lastID = lastID == .max ? 1 : lastID + 1
        return lastID
    }

    private mutating func stain(_ rect: Rect, _ emission: Emission) {
        emissions.append(emission)
        for y in rect.y..<rect.bottom {
            for x in rect.x..<rect.right { stains[y * size.columns + x] = emission.id }
        }
    }

    private mutating func dropUnseenEmissions() {
        guard !emissions.isEmpty else { return }
        emissions.removeAll { emission in
            let rect = emission.rect
            for y in rect.y..<rect.bottom {
                for x in rect.x..<rect.right where stains[y * size.columns + x] == emission.id {
                    return false
                }
            }
            return true
        }
    }
}
