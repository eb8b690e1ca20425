import ConceptDB
import TerminalUI
import Testing

@testable import StudioTUI

/// What clicks, the wheel and drags do where things were drawn.
@Suite struct AppConceptsMouseTests {
    /// Every picture is there and covers this many cells.
    private struct ReadyPictures: PictureProvider {
        let size: Size

        func answer(_ request: PictureRequest) -> PictureAnswer {
            let row = Array(repeating: Cell("▀"), count: size.columns)
            return .ready(
                RenderedPicture(
                    columns: size.columns, rows: size.rows,
                    content: .cells(Array(repeating: row, count: size.rows)), pixelWidth: 1,
                    pixelHeight: 1, originalWidth: 1, originalHeight: 1), key: "ready")
        }
    }

    private static func press(_ app: inout ConceptsFixture, x: Int, y: Int) throws {
        let region = try #require(app.scene.region(at: Point(x: x, y: y)) { $0.press != nil })
        app.dispatch(region.press ?? .none)
    }

    private static let concepts = [
        ConceptsFixture.concept(1, "Ant", tags: ["small"], pictures: 3),
        ConceptsFixture.concept(2, "Bee"), ConceptsFixture.concept(3, "Cat"),
    ]

    @Test func rowsAndTheirSigns() throws {
        var app = ConceptsFixture(Self.concepts)
        let rows = ConceptsLayout(app.state).listRows
        try Self.press(&app, x: rows.x + 5, y: rows.y + 2)
        #expect(app.current == "Cat")
        try Self.press(&app, x: rows.x, y: rows.y + 1)
        #expect(app.picked == [2])
        #expect(app.state.concepts.detail == nil)
        try Self.press(&app, x: rows.x + 5, y: rows.y + 1)
        #expect(app.state.concepts.detail?.id == 2)
    }

    @Test func shelvesInThePaneAndAsChips() throws {
        var app = ConceptsFixture(Self.concepts)
        let line = try #require(app.rows.firstIndex { $0.contains("#small") })
        try Self.press(&app, x: 4, y: line)
        #expect(app.listed == ["Ant"])
        app = ConceptsFixture(Self.concepts, columns: 80, rows: 24)
        try Self.press(&app, x: 12, y: 1)
        #expect(app.state.concepts.shelf == .untagged)
    }

    @Test func theWheelScrollsWhatIsUnderIt() throws {
        var app = ConceptsFixture(names: (1...99).map { "C\(100 + $0)" })
        let rows = ConceptsLayout(app.state).listRows
        let region = try #require(
            app.scene.region(at: Point(x: rows.x + 4, y: rows.y + 4)) { $0.scroll != nil })
        app.dispatch(region.scroll?(1) ?? .none)
        #expect(app.state.concepts.position.top == 3)
    }

    @Test func cellsOfTheGrid() throws {
        var app = ConceptsFixture(names: (1...30).map { "C\(100 + $0)" })
        try app.press("g t")
        let cell = ConceptsLayout(app.state).grid.rect(7, firstRow: 0)
        try Self.press(&app, x: cell.x + 3, y: cell.y + 2)
        #expect(app.current == "C108")
    }

    @Test func smallPicturesOfTheOpenConcept() throws {
        var app = ConceptsFixture(Self.concepts)
        try app.press("enter")
        let strip = try #require(ConceptDetailLayout(app.state).strip)
        try Self.press(&app, x: strip.x + ConceptDetailLayout.cell.columns * 2 + 1, y: strip.y + 1)
        #expect(app.state.concepts.detail?.image == 2)
    }

    @Test func aDragDrawsTheCropBox() throws {
        var app = ConceptsFixture(Self.concepts)
        try app.press("enter", "x")
        let pictures = ReadyPictures(size: Size(columns: 40, rows: 20))
        let scene = AppView.draw(app.state, pictures: pictures)
        let region = try #require(scene.regions.last { $0.drag != nil })
        #expect(region.rect.size == Size(columns: 40, rows: 20))
        let drag = try #require(region.drag)
        app.dispatch(drag(.began, Point(x: 10, y: 5)))
        app.dispatch(drag(.moved, Point(x: 15, y: 8)))
        app.dispatch(drag(.ended, Point(x: 29, y: 14)))
        let box = try #require(app.state.concepts.crop)
        // The picture has 400 × 300 pixels, a cell 10 × 15; the end lies in the middle of its cell.
        #expect([box.left, box.top, box.width, box.height] == [100, 75, 195, 143])
    }
}
