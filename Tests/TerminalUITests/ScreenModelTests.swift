import Testing

@testable import TerminalUI

@Suite struct ScreenModelTests {
    static let size = Size(columns: 20, rows: 8)

    /// A picture of so many pixels; a cell has 10 × 20.
    static func picture(
        _ key: String, _ rect: Rect, width: Int? = nil, height: Int? = nil
    ) -> FramePicture {
        let size = "\(width ?? rect.columns * 10);\(height ?? rect.rows * 20)"
        return FramePicture(
            key: key, rect: rect, lines: [Array("\u{1B}Pq\"1;1;\(size)#0~\u{1B}\\".utf8)])
    }

    static func frame(_ pictures: FramePicture..., popup: Rect? = nil) -> Frame {
        var frame = Frame(size: size)
        for picture in pictures { frame.place(picture) }
        if let popup { frame.fill(popup, style: Style(background: .indexed(4))) }
        return frame
    }

    static func model() -> ScreenModel {
        var model = ScreenModel(size: size)
        model.cellPixels = PixelSize(width: 10, height: 20)
        _ = model.plan(for: Frame(size: size))
        return model
    }

    static func cells(_ plan: PresentationPlan) -> Int { plan.runs.reduce(0) { $0 + $1.columns } }

    let rect = Rect(x: 5, y: 1, columns: 6, rows: 4)

    @Test func firstFrameClears() {
        var model = ScreenModel(size: Self.size)
        var frame = Frame(size: Self.size)
        frame.write("hi", x: 3, y: 2)
        #expect(
            model.plan(for: frame)
                == PresentationPlan(clears: true, runs: [.init(x: 3, y: 2, columns: 2)]))
        #expect(model.plan(for: frame).isEmpty)
    }

    @Test func onlyWhatChangedIsWritten() {
        var model = Self.model()
        var frame = Frame(size: Self.size)
        frame.write("abc", x: 0, y: 0)
        frame.write("xyz", x: 17, y: 7)
        #expect(
            model.plan(for: frame).runs
                == [.init(x: 0, y: 0, columns: 3), .init(x: 17, y: 7, columns: 3)])
        frame.write("B", x: 1, y: 0)
        #expect(model.plan(for: frame).runs == [.init(x: 1, y: 0, columns: 1)])
    }

    @Test func newPictureIsWrittenOnceAndAgainWhenForced() {
        var model = Self.model()
        let frame = Self.frame(Self.picture("a", rect))
        let plan = model.plan(for: frame)
        #expect(plan.pictures == [0] && Self.cells(plan) == 24)
        #expect(model.plan(for: frame).isEmpty)
        #expect(
            model.plan(for: frame, forced: true)
                == PresentationPlan(keepsLines: true, pictures: [0]))
    }

    /// xterm erases what it shows of a picture, but not its pixels, when cells are erased.
    @Test func cellsOfAPictureThatBecomeBlankAreOverwrittenFirst() {
        var model = Self.model()
        _ = model.plan(for: Self.frame(Self.picture("a", rect)))
        var popup = Self.frame(
            Self.picture("a", rect), popup: Rect(x: 4, y: 2, columns: 4, rows: 2))
        popup.write("x", x: 6, y: 2)
        #expect(
            model.plan(for: popup).wipes
                == [
                    .init(x: 5, y: 2, columns: 1), .init(x: 7, y: 2, columns: 1),
                    .init(x: 5, y: 3, columns: 3),
                ])
        let rest = model.plan(for: Frame(size: Self.size)).wipes
        #expect(rest.map(\.columns) == [6, 3, 3, 6])
        #expect(model.plan(for: Self.frame(Self.picture("a", rect))).wipes.isEmpty)
    }

    @Test func popupOverAPictureTakesItsCellsAndGivesThemBack() {
        var model = Self.model()
        let popup = Rect(x: 4, y: 2, columns: 4, rows: 2)
        _ = model.plan(for: Self.frame(Self.picture("a", rect)))
        let opened = model.plan(for: Self.frame(Self.picture("a", rect), popup: popup))
        #expect(opened.pictures.isEmpty)
        #expect(opened.runs == [.init(x: 4, y: 2, columns: 4), .init(x: 4, y: 3, columns: 4)])
        let closed = model.plan(for: Self.frame(Self.picture("a", rect)))
        #expect(closed.pictures == [0])
        #expect(closed.runs == opened.runs)
    }

    @Test func pictureThatComesBehindAPopupWaits() {
        var model = Self.model()
        let popup = Rect(x: 4, y: 2, columns: 4, rows: 2)
        let covered = Self.frame(Self.picture("a", rect), popup: popup)
        #expect(model.plan(for: covered).pictures.isEmpty)
        #expect(model.plan(for: covered, forced: true).pictures.isEmpty)
        #expect(model.plan(for: Self.frame(Self.picture("a", rect))).pictures == [0])
    }

    @Test func anotherPictureBehindAPopupErasesWhatIsSeenOfTheFirst() {
        var model = Self.model()
        let popup = Rect(x: 4, y: 2, columns: 4, rows: 2)
        _ = model.plan(for: Self.frame(Self.picture("a", rect)))
        _ = model.plan(for: Self.frame(Self.picture("a", rect), popup: popup))
        let plan = model.plan(for: Self.frame(Self.picture("b", rect), popup: popup))
        // All cells of the picture but the six below the popup.
        #expect(plan.pictures.isEmpty && Self.cells(plan) == 24 - 6)
    }

    @Test func pictureInTheSamePlaceIsWrittenOverWithoutErasing() {
        var model = Self.model()
        _ = model.plan(for: Self.frame(Self.picture("a", rect)))
        let plan = model.plan(for: Self.frame(Self.picture("b", rect)))
        #expect(plan == PresentationPlan(keepsLines: true, pictures: [0]))
    }

    @Test func onlyCellsThatThePictureDoesNotFillAreErased() {
        var model = Self.model()
        _ = model.plan(for: Self.frame(Self.picture("a", rect)))
        // Two pixels less in height: the last row would keep a sliver of the old one.
        let plan = model.plan(for: Self.frame(Self.picture("b", rect, height: 78)))
        #expect(
            plan
                == PresentationPlan(
                    runs: [.init(x: 5, y: 4, columns: 6)], keepsLines: true, pictures: [0]))
    }

    @Test func withoutKnowingTheCellEverythingOlderIsErased() {
        var model = ScreenModel(size: Self.size)
        _ = model.plan(for: Self.frame(Self.picture("a", rect)))
        #expect(Self.cells(model.plan(for: Self.frame(Self.picture("b", rect, height: 78)))) == 24)
        #expect(Self.cells(model.plan(for: Self.frame(Self.picture("c", rect)))) == 0)
    }

    @Test func smallerPictureLeavesSpacesBehind() {
        var model = Self.model()
        _ = model.plan(for: Self.frame(Self.picture("a", rect)))
        let small = Rect(x: 5, y: 1, columns: 3, rows: 2)
        let plan = model.plan(for: Self.frame(Self.picture("b", small)))
        #expect(plan.pictures == [0] && Self.cells(plan) == 24 - 6)
    }

    @Test func goneAndMovedPictures() {
        var model = Self.model()
        _ = model.plan(for: Self.frame(Self.picture("a", rect)))
        let moved = model.plan(
            for: Self.frame(Self.picture("a", Rect(x: 6, y: 1, columns: 6, rows: 4))))
        #expect(moved.pictures == [0] && Self.cells(moved) == 8)
        let gone = model.plan(for: Frame(size: Self.size))
        #expect(gone.pictures.isEmpty && Self.cells(gone) == 24)
    }

    @Test func resizeStartsFromNothing() {
        var model = Self.model()
        _ = model.plan(for: Self.frame(Self.picture("a", rect)))
        model.forget(size: Size(columns: 21, rows: 8))
        let plan = model.plan(for: Self.frame(Self.picture("a", rect)))
        #expect(plan.clears && plan.pictures == [0])
    }

    /// The frame may have been drawn for a size that is no longer true.
    @Test func frameOfAnotherSizeIsCut() {
        var model = ScreenModel(size: Size(columns: 8, rows: 4))
        var frame = Self.frame(Self.picture("a", rect))
        frame.write("0123456789", x: 0, y: 0)
        let plan = model.plan(for: frame)
        #expect(plan.pictures.isEmpty)
        #expect(plan.runs.allSatisfy { $0.x + $0.columns <= 8 && $0.y < 4 })
    }

    @Test func pictureHigherThanItSaysDoesNotScrollTheScreen() {
        var model = Self.model()
        #expect(
            model.plan(for: Self.frame(Self.picture("a", rect, height: 120))).pictures == [0])
        #expect(
            model.plan(for: Self.frame(Self.picture("b", rect, height: 121))).pictures.isEmpty)
    }

    @Test func dimmingAroundAPictureLeavesIt() {
        var model = Self.model()
        var frame = Self.frame(Self.picture("a", rect))
        _ = model.plan(for: frame)
        frame.restyle(frame.bounds) { $0.adding(.faint) }
        #expect(model.plan(for: frame).isEmpty)
    }

    @Test func blanksThatLookAlikeAreAlike() {
        var model = Self.model()
        var frame = Frame(size: Self.size)
        frame.fill(frame.bounds, style: Style(foreground: .indexed(3), attributes: .bold))
        #expect(model.plan(for: frame).isEmpty)
        frame.fill(frame.bounds, style: Style(attributes: .reverse))
        #expect(Self.cells(model.plan(for: frame)) == 160)
    }

    @Test func severalPicturesKeepTheirOrder() {
        var model = Self.model()
        let first = Self.picture("a", Rect(x: 0, y: 0, columns: 3, rows: 2))
        let second = Self.picture("b", Rect(x: 4, y: 0, columns: 3, rows: 2))
        #expect(model.plan(for: Self.frame(first, second)).pictures == [0, 1])
        // The order in the frame says nothing about what is shown.
        #expect(model.plan(for: Self.frame(second, first)).isEmpty)
        let third = Self.picture("c", Rect(x: 8, y: 0, columns: 3, rows: 2))
        #expect(model.plan(for: Self.frame(second, third, first)).pictures == [1])
    }

    /// A terminal that keeps pixels below cells until they are written; what it shows after any
    /// sequence of frames must be what the last frame says.
    @Test(arguments: 0..<30) func anySequenceOfFramesLeavesNeitherGhostsNorHoles(_ seed: Int) {
        var numbers = SplitMix(seed: UInt64(seed))
        func pick(_ range: Range<Int>) -> Int {
            range.lowerBound + Int(numbers.next() % UInt64(range.count))
        }
        var model = ScreenModel(size: Self.size)
        let cell = PixelTerminal.cell
        if seed % 4 != 0 { model.cellPixels = cell }
        var terminal = PixelTerminal(size: Self.size)
        for step in 0..<60 {
            var frame = Frame(size: Self.size)
            for _ in 0..<pick(0..<3) {
                let rect = Rect(
                    x: pick(0..<12), y: pick(0..<4), columns: pick(1..<8), rows: pick(1..<4))
                let picture = Self.picture(
                    "", rect, width: rect.columns * cell.width - pick(0..<2),
                    height: rect.rows * cell.height - pick(0..<3))
                let key = "\(pick(0..<3)) \(rect) \(picture.lines)"
                frame.place(FramePicture(key: key, rect: rect, lines: picture.lines))
            }
            if pick(0..<2) == 0 {
                frame.fill(
                    Rect(x: pick(0..<18), y: pick(0..<7), columns: pick(1..<9), rows: pick(1..<4)),
                    style: .plain)
            }
            if pick(0..<3) == 0 { frame.write("some   text", x: pick(0..<15), y: pick(0..<8)) }
            let plan = model.plan(for: frame, forced: pick(0..<6) == 0)
            terminal.apply(plan, model.cells, frame)
            let complaint = terminal.complaint(frame)
            #expect(complaint == nil, "step \(step)")
            if complaint != nil { break }
        }
    }
}

/// What ncurses and a terminal with pictures make of plans.
struct PixelTerminal {
    /// Small, so that looking at every pixel is quick.
    static let cell = PixelSize(width: 4, height: 4)

    let size: Size
    /// What ncurses believes to be shown: it writes only what differs.
    private var believed: [Cell]
    /// The keys of the pictures whose pixels are seen, row by row of pixels.
    private var pixels: [String?]

    init(size: Size) {
        self.size = size
        believed = Array(repeating: Cell("?"), count: size.columns * size.rows)
        pixels = Array(
            repeating: "rubbish",
            count: size.columns * size.rows * Self.cell.width * Self.cell.height)
    }

    mutating func apply(_ plan: PresentationPlan, _ cells: [Cell], _ frame: Frame) {
        if plan.clears {
            believed = Array(repeating: Cell(), count: believed.count)
            pixels = Array(repeating: nil, count: pixels.count)
        }
        for run in plan.runs {
            for x in run.x..<run.x + run.columns {
                let index = run.y * size.columns + x
                guard believed[index] != cells[index] else { continue }
                believed[index] = cells[index]
                for pixel in self.pixels(x: x, y: run.y) { pixels[pixel] = nil }
            }
        }
        for index in plan.pictures {
            let picture = frame.pictures[index]
            guard let full = SixelRaster.size(picture.lines[0]) else { continue }
            let left = picture.rect.x * Self.cell.width
            let top = picture.rect.y * Self.cell.height
            for y in top..<top + full.height {
                for x in left..<left + full.width { pixels[y * width + x] = picture.key }
            }
        }
    }

    /// What is wrong with what is seen, or `nil`.
    func complaint(_ frame: Frame) -> String? {
        let isWhole = frame.pictures.indices.map { index in
            let rect = frame.pictures[index].rect
            return (rect.y..<rect.bottom).allSatisfy { y in
                (rect.x..<rect.right).allSatisfy { frame[$0, y].picture == Int32(index) }
            }
        }
        for y in 0..<size.rows {
            for x in 0..<size.columns {
                let seen = Set(pixels(x: x, y: y).compactMap { pixels[$0] })
                let index = Int(frame[x, y].picture)
                if index < 0 {
                    if !seen.isEmpty { return "pixels through text in \(x), \(y)" }
                    if believed[y * size.columns + x].text != frame[x, y].text {
                        return "wrong text in \(x), \(y)"
                    }
                } else if !seen.isSubset(of: [frame.pictures[index].key]) {
                    return "ghost in \(x), \(y)"
                } else if isWhole[index], seen.isEmpty {
                    return "hole in \(x), \(y)"
                }
            }
        }
        return nil
    }

    private var width: Int { size.columns * Self.cell.width }

    private func pixels(x: Int, y: Int) -> [Int] {
        (0..<Self.cell.height).flatMap { down in
            (0..<Self.cell.width).map { across in
                (y * Self.cell.height + down) * width + x * Self.cell.width + across
            }
        }
    }
}
