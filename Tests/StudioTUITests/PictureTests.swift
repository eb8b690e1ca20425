import Foundation
import ImageCodecs
import Testing

@testable import StudioTUI

@Suite struct PictureFitTests {
    private let cell = CellSize(width: 8, height: 17)

    @Test func sixelsKeepTheirShapeAndWholeBands() {
        let place = PictureFit.sixel(width: 224, height: 224, columns: 80, rows: 12, cell: cell)
        #expect(place == PicturePlacement(columns: 26, rows: 12, pixelWidth: 204, pixelHeight: 204))
    }

    @Test func smallPicturesGrowNoMoreThanTwice() {
        let place = PictureFit.sixel(width: 16, height: 16, columns: 80, rows: 24, cell: cell)
        // The height is a whole number of bands, and the width follows it.
        #expect(place.pixelWidth == 30)
        #expect(place.pixelHeight == 30)
    }

    @Test(arguments: [(4000, 10), (10, 4000), (1, 1), (64000, 1000)])
    func placementsAlwaysFit(_ width: Int, _ height: Int) {
        let sixel = PictureFit.sixel(
            width: width, height: height, columns: 40, rows: 10, cell: cell)
        let blocks = PictureFit.halfBlocks(
            width: width, height: height, columns: 40, rows: 10, cell: cell)
        for place in [sixel, blocks] {
            #expect((1...40).contains(place.columns) && (1...10).contains(place.rows))
            #expect(place.pixelWidth >= 1 && place.pixelHeight >= 1)
        }
    }

    @Test func halfBlocksAreTwoPixelsHigh() {
        let square = CellSize(width: 10, height: 20)
        let place = PictureFit.halfBlocks(
            width: 100, height: 50, columns: 40, rows: 40, cell: square)
        #expect(place == PicturePlacement(columns: 40, rows: 10, pixelWidth: 40, pixelHeight: 20))
    }
}

@Suite struct HalfBlockTests {
    /// Red and green above blue and white.
    private let image = RGBImage(
        width: 2, height: 2, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255])

    @Test func trueColourIsExact() {
        #expect(
            HalfBlocks.rows(image, palette: .trueColour) == [
                "\u{1B}[38;2;255;0;0;48;2;0;0;255m▀\u{1B}[38;2;0;255;0;48;2;255;255;255m▀\u{1B}[0m"
            ])
    }

    @Test func paletteColoursAvoidTheFirstSixteen() {
        #expect(
            HalfBlocks.rows(image, palette: .indexed256) == [
                "\u{1B}[38;5;196;48;5;21m▀\u{1B}[38;5;46;48;5;231m▀\u{1B}[0m"
            ])
    }

    @Test func sixteenColoursUseTheOldCodes() {
        #expect(
            HalfBlocks.rows(image, palette: .sixteen) == [
                "\u{1B}[91;44m▀\u{1B}[92;107m▀\u{1B}[0m"
            ])
    }

    @Test func equalCellsShareTheirCodeAndOddHeightsEndInBlack() {
        let grey = RGBImage(width: 3, height: 1, pixels: [UInt8](repeating: 128, count: 9))
        #expect(
            HalfBlocks.rows(grey, palette: .trueColour) == [
                "\u{1B}[38;2;128;128;128;48;2;0;0;0m▀▀▀\u{1B}[0m"
            ])
    }

    @Test func greysComeFromTheGreyRamp() {
        #expect(TerminalPalette.index240((128, 128, 128)) == 244)
        #expect(TerminalPalette.index240((8, 8, 8)) == 232)
    }
}

@Suite struct SixelTests {
    @Test func encodedPicturesDecodeToTheirPixels() throws {
        var pixels: [UInt8] = []
        for y in 0..<24 {
            for x in 0..<40 { pixels += [UInt8(x / 10 * 80), UInt8(y / 6 * 80), 100] }
        }
        let image = RGBImage(width: 40, height: 24, pixels: pixels)
        let data = try #require(Sixel.encode(image))
        #expect(data.starts(with: Data("\u{1B}P".utf8)))
        #expect(data.suffix(2) == Data("\u{1B}\\".utf8))
        let decoded = try #require(SixelDecoder.decode(data))
        #expect(decoded.width == 40)
        #expect(decoded.height == 24)
        // Sixel colours are percentages, so half a step of 2.55 is lost, and libsixel's palette
        // rounds once more.
        let worst = zip(decoded.pixels, image.pixels).map { abs(Int($0) - Int($1)) }.max()
        #expect((worst ?? 255) <= 6)
    }

    @Test func noMoreColoursThanTheTerminalHas() throws {
        let pixels = (0..<64 * 64 * 3).map { UInt8(truncatingIfNeeded: $0 * 7919 / 13) }
        let image = RGBImage(width: 64, height: 64, pixels: pixels)
        let data = try #require(Sixel.encode(image, colours: 16))
        let decoded = try #require(SixelDecoder.decode(data))
        #expect(decoded.colourCount <= 16)
    }

    @Test func impossibleSizesAreRefused() {
        #expect(Sixel.encode(RGBImage(width: 0, height: 0, pixels: [])) == nil)
        let wide = RGBImage(width: 4097, height: 1, pixels: [UInt8](repeating: 0, count: 4097 * 3))
        #expect(Sixel.encode(wide) == nil)
    }

    /// Room is made before drawing and the cursor ends below, on every terminal.
    @Test func aPictureMovesTheCursorByItsRowsOnly() throws {
        var facts = TerminalFacts(outputIsTerminal: true, environment: ["TERM": "xterm"])
        facts.size = TerminalSize(columns: 80, rows: 24)
        let picture = TerminalPicture(
            choice: ImageProtocolChoice(method: .sixel, reason: "test"), facts: facts)
        let image = RGBImage(width: 60, height: 60, pixels: [UInt8](repeating: 9, count: 10800))
        let place = picture.placement(width: 60, height: 60, rows: 3)
        let text = String(decoding: picture.bytes(image, at: place), as: UTF8.self)
        #expect(text.hasPrefix("\n\n\n\u{1B}[3A\u{1B}7\u{1B}P"))
        #expect(text.hasSuffix("\u{1B}\\\u{1B}8\u{1B}[3B\r"))
    }

    @Test func thereIsAlwaysARowBelowThePicture() {
        var facts = TerminalFacts(outputIsTerminal: true)
        facts.size = TerminalSize(columns: 80, rows: 10)
        let picture = TerminalPicture(
            choice: ImageProtocolChoice(method: .sixel, reason: "test"), facts: facts)
        #expect(picture.placement(width: 500, height: 500, rows: 50).rows <= 8)
    }
}
