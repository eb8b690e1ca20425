import ConceptDB
import ImageCodecs
import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct AppConceptsDetailTests {
    private static let concepts = [
        ConceptsFixture.concept(1, "Ant", category: "insect", info: "carries leaves", pictures: 3),
        ConceptsFixture.concept(2, "Bee", pictures: 0),
    ]

    private static func opened(_ columns: Int = 120, _ rows: Int = 36) throws -> ConceptsFixture {
        var app = ConceptsFixture(concepts, columns: columns, rows: rows)
        try app.press("enter")
        return app
    }

    @Test func openingReadsTheCaptions() throws {
        let app = try Self.opened()
        #expect(app.state.concepts.mode == .detail)
        guard case .concepts(.loadCaptions(id: 1))? = app.effects.last else {
            Issue.record("captions are not asked for: \(app.effects)")
            return
        }
    }

    @Test func picturesAreSteppedThrough() throws {
        var app = try Self.opened()
        #expect(app.screen.contains("picture 1 of 3, the cover"))
        try app.press("l", "right")
        #expect(app.screen.contains("picture 3 of 3"))
        try app.press("l")
        #expect(app.state.toasts.shown.last?.text == "Next picture: this is the last one")
        try app.press("h")
        #expect(app.state.concepts.detail?.image == 1)
    }

    @Test func coverAndRemoval() throws {
        var app = try Self.opened()
        try app.press("c")
        #expect(app.edits.isEmpty)
        try app.press("l", "c")
        #expect(app.edits == [.setCover(id: 1, image: 101)])
        try app.press("d")
        #expect(app.edits == [.removeImages(id: 1, [101])])
    }

    @Test func theLibraryMayTakePicturesOrAll() throws {
        var app = try Self.opened()
        try app.press("l", "l")
        app.load([ConceptsFixture.concept(1, "Ant", pictures: 1), Self.concepts[1]])
        #expect(app.state.concepts.detail?.image == 0)
        app.load([Self.concepts[1]])
        #expect(app.state.concepts.mode == .list)
    }

    @Test func neighboursOpenWithoutGoingBack() throws {
        var app = try Self.opened()
        try app.press("]")
        #expect(app.state.concepts.detail?.id == 2)
        #expect(app.screen.contains("no picture yet; I adds some"))
        try app.press("]")
        #expect(app.state.toasts.shown.last?.text == "this is the last one")
        try app.press("[", "esc")
        #expect(app.state.concepts.mode == .list)
        #expect(app.current == "Ant")
    }

    @Test func captionsThatUsedItAreShown() throws {
        var app = try Self.opened()
        let caption = try JSONValue.object([
            "id": .integer(7), "createdAt": .string("2026-06-01T10:00:00Z"),
            "image": .object(["originalPath": .string("/q.png")]), "concepts": .array([]),
            "question": .string("what?"), "caption": .string("An ant on a leaf."),
            "model": .string("tiny"), "modelPath": .string("/m"), "options": .object([:]),
            "seed": .integer(1), "finishReason": .string("stop"), "usage": .object([:]),
            "timings": .object([:]), "named": .array([]), "unnamed": .array([]),
            "absent": .array([]),
        ]).decoded(as: CaptionRecord.self)
        app.dispatch(.concepts(.detail(.captions(id: 2, [caption], total: 1))))
        #expect(!app.screen.contains("An ant on a leaf."), "an answer that comes too late")
        app.dispatch(.concepts(.detail(.captions(id: 1, [caption], total: 12))))
        #expect(app.screen.contains("12 captions used it"))
        #expect(app.screen.contains("An ant on a leaf."))
        #expect(app.screen.contains("11 more in History"))
    }

    @Test func longWordsScroll() throws {
        let info = (1...200).map { "word\($0)" }.joined(separator: " ")
        var app = ConceptsFixture(
            [ConceptsFixture.concept(1, "Ant", info: info)], columns: 80, rows: 24)
        try app.press("enter")
        #expect(app.screen.contains("word1 "))
        try app.press("pgdn", "pgdn", "pgdn", "pgdn", "pgdn", "pgdn", "pgdn", "pgdn", "pgdn")
        #expect(!app.screen.contains("word1 "))
        #expect(app.screen.contains("word200"))
        let end = app.state.concepts.detail?.scroll
        try app.press("j")
        #expect(app.state.concepts.detail?.scroll == end)
    }

    // MARK: - Crop

    private static let picture = ReferenceImage(
        id: 5, path: "images/a.png", width: 400, height: 200, sha256: "sha")

    @Test func theBoxMovesAndStaysInside() {
        var box = CropBox(conceptID: 1, image: Self.picture)
        #expect([box.left, box.top, box.width, box.height] == [40, 20, 320, 160])
        box.move(-1, 0)
        #expect(box.left == 30)
        box.move(-100, 100)
        #expect([box.left, box.top] == [0, 40])
        box.resize(-100, -100)
        #expect([box.width, box.height] == [16, 16])
        box.resize(1000, 1000)
        #expect([box.width, box.height] == [400, 160])
        box.square()
        #expect([box.width, box.height, box.left, box.top] == [160, 160, 120, 40])
        box.scale(10)
        #expect([box.width, box.height, box.top] == [200, 200, 0])
        box.scale(-5)
        #expect([box.width, box.height] == [100, 100])
    }

    @Test func theMouseDrawsABoxAndAClickKeepsIt() {
        var box = CropBox(conceptID: 1, image: Self.picture)
        let before = box
        box.beginDrag(x: 0.5, y: 0.5)
        box.drag(x: 0.5, y: 0.5)
        #expect(box == before)
        box.drag(x: 0.25, y: 1.5)
        #expect([box.left, box.top, box.width, box.height] == [100, 100, 100, 100])
        box.drag(x: .nan, y: -3)
        #expect([box.left, box.top, box.width, box.height] == [0, 0, 200, 100])
    }

    @Test func thinPicturesHaveABoxToo() {
        let thin = ReferenceImage(id: 1, path: "a.png", width: 3, height: 900, sha256: "s")
        var box = CropBox(conceptID: 1, image: thin)
        #expect(box.width == 3)
        box.scale(-9)
        #expect(box.width == 3 && box.height >= 16)
    }

    @Test func theCutHasThePixelsOfTheBox() {
        var pixels: [UInt8] = []
        for y in 0..<200 {
            for x in 0..<400 { pixels += [UInt8(x % 256), UInt8(y), 7, 255] }
        }
        var box = CropBox(conceptID: 1, image: Self.picture)
        box.beginDrag(x: 0.1, y: 0.1)
        box.drag(x: 0.2, y: 0.3)
        let part = box.cut(RGBAImage(width: 400, height: 200, pixels: pixels))
        #expect(part.width == 40 && part.height == 40)
        #expect(Array(part.pixels.prefix(4)) == [40, 20, 7, 255])
        #expect(Array(part.pixels.suffix(4)) == [79, 59, 7, 255])
    }

    @Test func croppingGoesThroughKeys() throws {
        var app = try Self.opened()
        try app.press("x")
        #expect(app.state.concepts.mode == .crop)
        #expect(app.screen.contains("320×240 pixels"))
        #expect(app.scene.requests.first?.marks.first?.kind == .crop)
        try app.press("l", "L", "J", "K", "-", "c")
        #expect(app.screen.contains("[x] becomes the cover"))
        let box = try #require(app.state.concepts.crop)
        try app.press("enter")
        guard case .concepts(.saveCrop(box))? = app.effects.last else {
            Issue.record("not saved: \(app.effects)")
            return
        }
        #expect(app.state.concepts.mode == .detail)
        try app.press("x", "esc")
        #expect(!app.effects.contains { if case .concepts = $0 { true } else { false } })
        #expect(app.state.concepts.mode == .detail)
    }

    @Test func allOfAPictureIsNoCrop() throws {
        var app = try Self.opened()
        try app.press("x", "+", "+", "+", "enter")
        #expect(app.state.concepts.mode == .crop)
        #expect(
            app.state.toasts.shown.last?.text
                == "make the frame smaller first: this is all of it")
    }
}
