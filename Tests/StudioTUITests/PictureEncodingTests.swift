import Foundation
import ImageCodecs
import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct PictureBudgetTests {
    private let place = PicturePlacement(columns: 60, rows: 30, pixelWidth: 480, pixelHeight: 480)
    private let terminal = PictureSample.sixelTerminal()

    @Test func restIsFineAndMovementIsQuick() {
        #expect(
            SixelBudget.first(place, .still, terminal)
                == SixelAttempt(width: 480, height: 480, colours: 256, dithers: true))
        #expect(
            SixelBudget.first(place, .moving, terminal)
                == SixelAttempt(width: 480, height: 480, colours: 64, dithers: false))
        var remote = terminal
        remote.isRemote = true
        #expect(!SixelBudget.first(place, .still, remote).dithers)
        remote.dithers = true
        #expect(SixelBudget.first(place, .still, remote).dithers)
        #expect(!SixelBudget.first(place, .moving, remote).dithers)
        remote.dithers = false
        remote.isRemote = false
        #expect(!SixelBudget.first(place, .still, remote).dithers)
    }

    @Test func noMoreColoursThanRegistersAndFewAreDithered() {
        var few = terminal
        few.registers = 16
        for quality in [PictureQuality.moving, .still] {
            let attempt = SixelBudget.first(place, quality, few)
            #expect(attempt.colours == 16 && attempt.dithers)
        }
    }

    @Test func ditheringGoesFirstThenColoursThenPixels() throws {
        let first = SixelAttempt(width: 480, height: 480, colours: 256, dithers: true)
        func next(_ bytes: Int) throws -> SixelAttempt {
            try #require(SixelBudget.next(after: first, bytes: bytes, ceiling: 100_000))
        }
        let plain = try next(150_000)
        #expect(!plain.dithers && plain.colours == 256 && plain.height == 480)
        let fewer = try next(230_000)
        #expect(!fewer.dithers && (32...128).contains(fewer.colours) && fewer.height == 480)
        let smaller = try next(2_000_000)
        #expect(smaller.colours == 32 && smaller.height < 480)
        #expect(smaller.height % 6 == 0)
    }

    /// Whatever comes out of the encoder, the search ends and asks for less every time.
    @Test func theSearchAlwaysEnds() {
        var attempt = SixelAttempt(width: 997, height: 996, colours: 256, dithers: true)
        var steps = 0
        while let next = SixelBudget.next(after: attempt, bytes: 10_000_000, ceiling: 1) {
            let isLess =
                next.height < attempt.height || next.colours < attempt.colours
                || (attempt.dithers && !next.dithers)
            #expect(isLess && next.width >= 1 && next.colours >= 32)
            attempt = next
            steps += 1
        }
        #expect(steps < 50)
    }

    @Test func linesHaveCeilings() {
        var terminal = terminal
        #expect(terminal.ceiling(.still) == nil)
        terminal.isInTmux = true
        #expect(terminal.ceiling(.still) == 900_000)
        terminal.isRemote = true
        #expect(terminal.ceiling(.still) == 256_000)
        #expect((terminal.ceiling(.moving) ?? 0) < 100_000)
    }
}

@Suite struct PictureRenderingTests {
    private func render(
        _ image: RGBImage, _ terminal: PictureTerminal, _ quality: PictureQuality = .still,
        columns: Int = 16, rows: Int = 8, marks: [PictureMark] = []
    ) throws -> RenderedPicture {
        var request = PictureSample.request(
            PictureSample.pixels("x", image), columns: columns, rows: rows)
        request.marks = marks
        let loader = PictureLoader(thumbnailFile: { _ in throw CancellationError() }, previews: nil)
        return try PictureRenderer(loader: loader)
            .render(request, quality, for: terminal, token: CancelToken()).picture
    }

    @Test(arguments: [PictureQuality.still, .moving])
    func sixelsShowThePicture(_ quality: PictureQuality) throws {
        let image = PictureSample.scene(width: 128, height: 126)
        let picture = try render(image, PictureSample.sixelTerminal(), quality)
        let decoded = try #require(PictureSample.decoded(picture))
        #expect(decoded.width == 128 && decoded.height == 126)
        #expect(picture.columns == 16 && picture.rows == 8)
        #expect(decoded.colourCount <= (quality == .still ? 256 : 64))
        let psnr = PictureSample.psnr(decoded.pixels, image.pixels)
        #expect(psnr > (quality == .still ? 27 : 24), "\(psnr) dB")
    }

    @Test(arguments: [(300, 200), (200, 300), (1000, 10), (3, 900), (7, 7)])
    func sixelsStayInTheirCells(_ width: Int, _ height: Int) throws {
        let cell = CellSize(width: 7, height: 15)
        let image = PictureSample.scene(width: width, height: height)
        let picture = try render(
            image, PictureSample.sixelTerminal(cell: cell), columns: 20, rows: 9)
        let decoded = try #require(PictureSample.decoded(picture))
        #expect(decoded.width == picture.pixelWidth && decoded.height == picture.pixelHeight)
        #expect(decoded.height % 6 == 0 || decoded.height < 6)
        #expect(decoded.width <= 20 * 7 && decoded.height <= 9 * 15)
        #expect(picture.columns == (decoded.width + 6) / 7)
        #expect(picture.rows == (decoded.height + 14) / 15)
        #expect(picture.originalWidth == width && picture.originalHeight == height)
    }

    @Test func theTerminalsLimitsAreKept() throws {
        var terminal = PictureSample.sixelTerminal()
        terminal.maximumWidth = 100
        terminal.maximumHeight = 60
        terminal.registers = 16
        let picture = try render(
            PictureSample.scene(width: 300, height: 300), terminal, columns: 60, rows: 40)
        let decoded = try #require(PictureSample.decoded(picture))
        #expect(decoded.width <= 100 && decoded.height <= 60)
        #expect(decoded.colourCount <= 16)
    }

    /// Noise is the worst a palette can meet.
    @Test func aThinLineGetsFewerBytes() throws {
        var random = SystemRandomNumberGenerator()
        let noise = RGBImage(
            width: 300, height: 300,
            pixels: (0..<270_000).map { _ in UInt8.random(in: 0...255, using: &random) })
        var terminal = PictureSample.sixelTerminal()
        let free = try render(noise, terminal, columns: 40, rows: 20)
        terminal.isRemote = true
        let still = try render(noise, terminal, columns: 40, rows: 20)
        let moving = try render(noise, terminal, .moving, columns: 40, rows: 20)
        #expect(free.cost > 64_000)
        #expect(still.cost <= 256_000 + 300)
        #expect(moving.cost <= 64_000 + 300)
        #expect(moving.pixelHeight < free.pixelHeight)
        #expect(moving.columns <= free.columns && moving.rows <= free.rows)
    }

    @Test func wrappedForTmuxEveryEscapeIsDoubled() throws {
        var terminal = PictureSample.sixelTerminal()
        terminal.passesTmux = true
        let image = PictureSample.scene(width: 128, height: 126)
        let wrapped = try render(image, terminal)
        guard case .overlay(let lines) = wrapped.content else {
            Issue.record("not an overlay")
            return
        }
        let text = String(decoding: lines[0], as: UTF8.self)
        let isWrapped =
            text.hasPrefix("\u{1B}Ptmux;\u{1B}\u{1B}P") && text.hasSuffix("\u{1B}\u{1B}\\\u{1B}\\")
        #expect(isWrapped)
        let inside = text.dropFirst(7).dropLast(2)
        let bare = inside.replacingOccurrences(of: "\u{1B}\u{1B}", with: "\u{1B}")
        let isSingle = !bare.contains("\u{1B}\u{1B}")
        #expect(isSingle)
        let decoded = try #require(SixelDecoder.decode(Data(bare.utf8)))
        #expect(PictureSample.psnr(decoded.pixels, image.pixels) > 27)
    }

    /// libsixel keeps state in a global variable while it chooses a palette.
    @Test func picturesMadeAtOnceDoNotSpoilEachOther() async throws {
        let images = (0..<4).map { PictureSample.scene(width: 90, height: 90, seed: $0) }
        let alone = images.map { Sixel.bytes($0, colours: 32, dithers: false) }
        await withTaskGroup(of: Bool.self) { group in
            for round in 0..<60 {
                group.addTask {
                    Sixel.bytes(images[round % 4], colours: 32, dithers: false)
                        == alone[round % 4]
                }
            }
            for await isSame in group { #expect(isSame) }
        }
    }

    @Test func blocksAreOneLinePerRow() throws {
        let picture = try render(
            PictureSample.scene(width: 100, height: 100), PictureTerminal(method: .blocks))
        guard case .overlay(let lines) = picture.content else {
            Issue.record("not an overlay")
            return
        }
        #expect(lines.count == picture.rows)
        for line in lines {
            let text = String(decoding: line, as: UTF8.self)
            #expect(text.filter { $0 == "▀" }.count == picture.columns)
            #expect(!text.contains("\n"))
        }
    }

    @Test func cellsHaveTheColoursThatThereAre() throws {
        let image = PictureSample.scene(width: 64, height: 64)
        let many = try cells(render(image, PictureTerminal(method: .indexed256)))
        let colours = many.flatMap { $0 }.flatMap { [$0.style.foreground, $0.style.background] }
        #expect(
            colours.allSatisfy {
                if case .indexed(let index) = $0 { return index >= 16 }
                return false
            })
        for limit in [8, 16] {
            var terminal = PictureTerminal(method: .sixteen)
            terminal.colours = limit
            let few = try cells(render(image, terminal)).flatMap { $0 }
            let used = few.flatMap { [$0.style.foreground, $0.style.background] }
            #expect(
                used.allSatisfy {
                    if case .indexed(let index) = $0 { return Int(index) < limit }
                    return false
                })
            #expect(Set(used).count > 2)
        }
        #expect(many.allSatisfy { row in row.allSatisfy { $0.text == "▀" } })
    }

    @Test func withoutColourInkShowsTheShape() throws {
        var image = PictureSample.flat(width: 40, height: 40, .black)
        for y in 0..<40 {
            for at in (y * 40 + 20) * 3..<(y * 40 + 40) * 3 { image.pixels[at] = 255 }
        }
        var terminal = PictureTerminal(method: .ascii)
        terminal.colours = 0
        let dark = try cells(render(image, terminal, columns: 10, rows: 5))
        // Scaling softens the edge, so only what lies beside it is certain.
        #expect(
            dark.allSatisfy { row in
                row.map(\.text).prefix(4).joined() == "    "
                    && row.map(\.text).suffix(4).joined() == "@@@@"
            })
        #expect(dark.flatMap { $0 }.allSatisfy { $0.style == .plain })
        terminal.background = PictureColour(255, 255, 255)
        let light = try cells(render(image, terminal, columns: 10, rows: 5))
        #expect(light.allSatisfy { $0.first?.text == "@" && $0.last?.text == " " })
        terminal.colours = 16
        let coloured = try cells(render(image, terminal, columns: 10, rows: 5))
        #expect(coloured.allSatisfy { $0.first?.style == Style(foreground: .indexed(0)) })
        #expect(coloured.allSatisfy { $0.last?.style == Style(foreground: .indexed(15)) })
    }

    @Test func theCardNamesThePicture() throws {
        let folder = try TemporaryFolder()
        let path = try folder.picture("mochi\u{1B}[31m.png", size: 48)
        let source = PictureSource.outside(URL(fileURLWithPath: path))
        let loader = PictureLoader(thumbnailFile: { _ in throw CancellationError() }, previews: nil)
        let picture = try PictureRenderer(loader: loader).render(
            PictureSample.request(source, columns: 30, rows: 4), .still,
            for: PictureTerminal(method: .card), token: CancelToken()
        ).picture
        let text = try cells(picture).map { $0.map(\.text).joined() }.joined(separator: "\n")
        #expect(text.contains("mochi␛[31m.png"))
        #expect(text.contains("48×48 PNG"))
        #expect(text.contains("bytes"))
        #expect(picture.rows <= 4 && picture.columns <= 30)
    }

    @Test func cancelledWorkEnds() throws {
        let token = CancelToken()
        token.cancel()
        let loader = PictureLoader(thumbnailFile: { _ in throw CancellationError() }, previews: nil)
        let request = PictureSample.request(
            PictureSample.pixels("x", PictureSample.scene(width: 9, height: 9)))
        #expect(throws: PictureStopped.self) {
            try PictureRenderer(loader: loader).render(
                request, .still, for: PictureSample.sixelTerminal(), token: token)
        }
    }

    @Test func framesShowPicturesInTheMiddle() throws {
        let image = PictureSample.scene(width: 64, height: 60)
        let picture = try render(image, PictureSample.sixelTerminal(), columns: 8, rows: 4)
        var frame = Frame(size: Size(columns: 40, rows: 12))
        let target = frame.show(
            picture, key: "k", in: Rect(x: 10, y: 2, columns: 20, rows: 8))
        #expect(target == Rect(x: 16, y: 4, columns: 8, rows: 4))
        #expect(frame.pictures.map(\.rect) == [target])
        let small = Rect(x: 0, y: 0, columns: 3, rows: 8)
        #expect(frame.show(picture, key: "k", in: small).isEmpty)
        let ramp = try render(image, PictureTerminal(method: .ascii), columns: 8, rows: 4)
        let shown = frame.show(ramp, key: "r", in: Rect(x: 0, y: 0, columns: 8, rows: 4))
        #expect(shown.columns == ramp.columns && frame.pictures.count == 1)
        #expect(frame.text(row: shown.y).contains { $0 != " " })
    }

    private func cells(_ picture: RenderedPicture) throws -> [[Cell]] {
        guard case .cells(let rows) = picture.content else {
            throw CancellationError()
        }
        #expect(rows.count == picture.rows)
        #expect(rows.allSatisfy { $0.count == picture.columns })
        return rows
    }
}

@Suite struct PictureMarkTests {
    private let grey = PictureColour(120, 120, 120)

    private func colour(_ image: RGBImage, _ x: Int, _ y: Int) -> PictureColour {
        let at = (y * image.width + x) * 3
        return PictureColour(image.pixels[at], image.pixels[at + 1], image.pixels[at + 2])
    }

    @Test func outlinesAreColourBetweenDarkLines() {
        let image = PictureSample.flat(width: 200, height: 200, grey)
        let mark = PictureMark(
            kind: .outline(colour: 1), x: 0.25, y: 0.1, width: 0.5, height: 0.4)
        let drawn = PictureMarks.draw([mark], on: image)
        let magenta = PictureColour.concept(1)
        // The left edge at x = 50, in the middle of the box's height.
        #expect(
            (50...54).map { colour(drawn, $0, 60) } == [.black, magenta, magenta, .black, grey])
        #expect(colour(drawn, 49, 60) == grey)
        #expect(
            (20...24).map { colour(drawn, 100, $0) } == [.black, magenta, magenta, .black, grey])
        #expect(colour(drawn, 149, 60) == .black && colour(drawn, 150, 60) == grey)
        #expect(colour(drawn, 100, 99) == .black && colour(drawn, 100, 100) == grey)
    }

    @Test func smallPicturesGetThinLines() {
        let image = PictureSample.flat(width: 40, height: 40, grey)
        let mark = PictureMark(kind: .outline(colour: 0), x: 0.25, y: 0.25, width: 0.5, height: 0.5)
        let drawn = PictureMarks.draw([mark], on: image)
        #expect(colour(drawn, 10, 20) == PictureColour.concept(0))
        #expect(colour(drawn, 11, 20) == grey && colour(drawn, 9, 20) == grey)
    }

    @Test func cropsDimWhatIsOutside() {
        let image = PictureSample.flat(width: 200, height: 200, grey)
        let mark = PictureMark(kind: .crop, x: 0.5, y: 0.5, width: 0.5, height: 0.5)
        let drawn = PictureMarks.draw([mark], on: image)
        #expect(colour(drawn, 10, 10) == PictureColour(40, 40, 40))
        #expect(colour(drawn, 150, 10) == PictureColour(40, 40, 40))
        #expect(colour(drawn, 150, 150) == grey)
    }

    @Test(arguments: [
        (-1.0, -1.0, 3.0, 3.0), (0.9, 0.9, 5.0, 5.0), (2, 2, 1, 1), (0.5, 0.5, 0, 0),
        (.nan, 0, .infinity, -1), (0.5, 0.5, -0.2, 0.4), (0, 0, 1e-9, 1e300),
    ])
    func strangeMarksAreCutOrLeftOut(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        for side in [1, 2, 5, 130] {
            let image = PictureSample.flat(width: side, height: side, grey)
            let kinds = [PictureMark.Kind.crop, .outline(colour: -3), .outline(colour: 99)]
            let marks = kinds.map {
                PictureMark(kind: $0, x: x, y: y, width: width, height: height)
            }
            #expect(PictureMarks.draw(marks, on: image).pixels.count == side * side * 3)
        }
    }

    /// Through the palette and back, where the picture itself has none of these colours.
    @Test(arguments: [(PictureQuality.still, 256), (.moving, 256), (.still, 16)])
    func outlinesSurviveSixel(_ quality: PictureQuality, _ registers: Int) throws {
        let image = PictureSample.scene(width: 240, height: 240)
        var request = PictureSample.request(
            PictureSample.pixels("x", image), columns: 30, rows: 15)
        request.marks = [
            PictureMark(kind: .outline(colour: 0), x: 0.1, y: 0.1, width: 0.3, height: 0.3),
            PictureMark(kind: .outline(colour: 2), x: 0.5, y: 0.5, width: 0.4, height: 0.4),
        ]
        let loader = PictureLoader(thumbnailFile: { _ in throw CancellationError() }, previews: nil)
        var terminal = PictureSample.sixelTerminal()
        terminal.registers = registers
        let picture = try PictureRenderer(loader: loader).render(
            request, quality, for: terminal, token: CancelToken()
        ).picture
        let decoded = try #require(PictureSample.decoded(picture))
        let result = RGBImage(
            width: decoded.width, height: decoded.height, pixels: decoded.pixels)
        func isNear(_ a: PictureColour, _ b: PictureColour) -> Bool {
            let differences = [(a.red, b.red), (a.green, b.green), (a.blue, b.blue)]
            return differences.allSatisfy { abs(Int($0.0) - Int($0.1)) < 80 }
        }
        #expect(isNear(colour(result, 25, 60), .concept(0)), "\(colour(result, 25, 60))")
        #expect(isNear(colour(result, 121, 160), .concept(2)), "\(colour(result, 121, 160))")
        #expect(!isNear(colour(result, 60, 60), .concept(0)))
    }
}
