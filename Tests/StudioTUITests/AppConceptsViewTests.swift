import ConceptDB
import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct AppConceptsViewTests {
    private static let sizes = [(60, 16), (80, 24), (120, 36), (200, 50)]

    private static let hostile = [
        "a\nb", "\u{1B}[31mred\u{1B}[0m", "مرحبا بالعالم", "犬のモチ", "👩‍👩‍👧 family 🥕",
        "\u{202E}turned", String(repeating: "long ", count: 60), "e\u{301}\u{302}\u{303}x",
    ]

    private static func app(_ columns: Int, _ rows: Int) -> ConceptsFixture {
        let concepts = hostile.enumerated().map {
            ConceptsFixture.concept(
                Int64($0 + 1), $1, category: $0 % 2 == 0 ? $1 : "cat", info: $1, tags: [$1],
                pictures: $0, daysAgo: Double($0))
        }
        return ConceptsFixture(concepts, columns: columns, rows: rows)
    }

    /// Column of the age and panel borders are where they are for plain names.
    @Test(arguments: sizes) func hostileNamesKeepColumnsAligned(_ columns: Int, _ rows: Int) throws
    {
        let app = Self.app(columns, rows)
        let layout = ConceptsLayout(app.state)
        let plain = ConceptsFixture(
            Self.hostile.indices.map {
                ConceptsFixture.concept(
                    Int64($0 + 1), "plain", category: "cat", pictures: $0, daysAgo: Double($0))
            }, columns: columns, rows: rows)
        let ages = ConceptColumns(layout.listRows.columns - 1).age
        let (frame, expected) = (app.scene.frame, plain.scene.frame)
        for row in Self.hostile.indices where row < layout.listRows.rows {
            let y = layout.listRows.y + row
            for x in [layout.list.x, layout.list.right - 1] {
                #expect(frame[x, y].text == expected[x, y].text)
            }
            let start = layout.listRows.x + ages.x
            let age = (start..<start + ages.columns).map { frame[$0, y].text }.joined()
            let wanted = (start..<start + ages.columns).map { expected[$0, y].text }.joined()
            #expect(age == wanted)
        }
        #expect(!app.screen.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(!app.screen.contains("\u{202E}"))
    }

    @Test(arguments: sizes) func openConceptsWithHostileWordsFit(_ columns: Int, _ rows: Int) throws
    {
        var app = Self.app(columns, rows)
        try app.press("G", "enter")
        #expect(app.state.concepts.mode == .detail)
        let frame = app.scene.frame
        #expect(frame[columns - 1, rows - 4].text == "│")
        #expect(!app.screen.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }

    @Test func threePanesFromOneHundredColumns() {
        let app = Self.app(120, 36)
        let layout = ConceptsLayout(app.state)
        #expect(layout.hasShelfPane && layout.chips == nil && layout.showsPreview)
        #expect(app.screen.contains("categories"))
        let narrow = Self.app(99, 36)
        #expect(ConceptsLayout(narrow.state).chips?.rows == 1)
    }

    @Test func atEightyColumnsTheShelvesAreChips() throws {
        var app = ConceptsFixture(
            [
                ConceptsFixture.concept(1, "Ant", tags: ["small"]),
                ConceptsFixture.concept(2, "Bee"),
            ], columns: 80, rows: 24)
        #expect(app.rows[1].hasPrefix(" [all 2] untagged 1  trash 0  #small 1"))
        let layout = ConceptsLayout(app.state)
        #expect(layout.preview?.columns == 36)
        app.dispatch(.concepts(.show(.tag("small"))))
        #expect(app.rows[1].contains("[#small 1]"))
        try app.press("tab", "l")
        #expect(app.state.concepts.shelf == .tag("small"), "the last chip is the last")
        try app.press("h", "h")
        #expect(app.state.concepts.shelf == .untagged)
    }

    @Test func belowEightyColumnsThePreviewIsWished() throws {
        var app = ConceptsFixture(names: ["Ant"], columns: 70, rows: 20)
        #expect(!ConceptsLayout(app.state).showsPreview)
        try app.press("p")
        #expect(ConceptsLayout(app.state).showsPreview)
        app.state.terminal.size = Size(columns: 120, rows: 36)
        try app.press("p")
        #expect(!ConceptsLayout(app.state).showsPreview)
    }

    @Test func theTitleCounts() throws {
        var app = ConceptsFixture(names: ["Ant", "Bee", "Cat"])
        try app.press("space", "space")
        #expect(app.screen.contains("Concepts (3, 2 selected)"))
        #expect(app.screen.contains("3 of 3, 2 selected"))
        #expect(app.screen.contains("● Ant"))
        #expect(app.screen.contains("○ Cat"))
    }

    @Test func agesAndCountsOfPictures() {
        let app = ConceptsFixture(
            [
                ConceptsFixture.concept(1, "Ant", pictures: 12),
                ConceptsFixture.concept(2, "Bee", pictures: 1, daysAgo: 400),
            ], columns: 200, rows: 50)
        #expect(app.rows.contains { $0.contains("Ant") && $0.contains("12 pics  today") })
        #expect(app.rows.contains { $0.contains("Bee") && $0.contains("2025") })
    }

    @Test func thePreviewSaysWhatIsKnown() {
        let app = ConceptsFixture([
            ConceptsFixture.concept(
                1, "Ant", category: "insect", info: "carries leaves", tags: ["small", "red"],
                pictures: 3)
        ])
        #expect(app.screen.contains("Ant, insect"))
        #expect(app.screen.contains("#small #red"))
        #expect(app.screen.contains("carries leaves"))
        #expect(app.screen.contains("3 pictures"))
    }

    /// The picture in focus comes first, then what is on the screen, then what may be next.
    @Test func picturesAreAskedForInOrder() throws {
        var app = ConceptsFixture(names: (1...60).map { "C\(100 + $0)" })
        var requests = app.scene.requests
        #expect(requests.first?.priority == 0)
        #expect(requests.dropFirst().allSatisfy { $0.priority == 2 })
        #expect(requests.count == 5, "the one and four neighbours below")
        try app.press("g t", "G", "k", "k", "k")
        requests = app.scene.requests
        let grid = ConceptsLayout(app.state).grid
        #expect(requests.first?.priority == 0)
        #expect(requests.count { $0.priority == 1 } >= grid.columns * (grid.rows - 1))
        #expect(requests.count { $0.priority == 2 } >= grid.columns * grid.rows)
    }

    @Test func emptyPlacesSayWhatToDo() throws {
        var app = ConceptsFixture([])
        #expect(app.screen.contains("No concepts yet"))
        #expect(app.screen.contains("Press a to add pictures"))
        #expect(app.screen.contains("Press T for a 60-second tour"))
        try app.press("g d")
        #expect(app.screen.contains("The trash is empty"))
        app.dispatch(.library(.failed("the disk is gone; plug it in")))
        #expect(app.screen.contains("The library cannot be read"))
        #expect(app.screen.contains("the disk is gone; plug it in"))
    }

    @Test(arguments: sizes) func theCursorOfTheTerminalIsOnTheRow(
        _ columns: Int, _ rows: Int
    ) throws {
        var app = ConceptsFixture(names: ["Ant", "Bee"], columns: columns, rows: rows)
        try app.press("j")
        let row = try #require(app.rows.firstIndex { $0.contains("  Bee") })
        #expect(app.scene.frame.cursor?.y == row)
        try app.press("/")
        #expect(app.scene.frame.cursor?.y == ConceptsLayout(app.state).searchLine?.y)
        try app.press("esc", "tab")
        #expect(app.scene.frame.cursor != nil)
        #expect(app.scene.frame.cursor?.y != row)
    }

    @Test func theWholeScreenAtEightyByTwentyFour() {
        let app = ConceptsFixture(
            [
                ConceptsFixture.concept(1, "Ant", category: "insect", pictures: 2),
                ConceptsFixture.concept(2, "Bee", category: "insect", daysAgo: 2),
            ], columns: 80, rows: 24)
        let rows = app.rows
        #expect(
            rows[1] == " [all 2] untagged 2  trash 0  insect 2 "
                + String(repeating: " ", count: 41))
        #expect(rows[2].hasPrefix("╭ Concepts (2) ────────────────────────────╮╭ Ant ──"))
        #expect(rows[4].hasPrefix("│  Bee                 insect     1    Mon │"))
        #expect(
            rows[22].hasPrefix(
                " ⏎ open  a add  / search  ␣ select  e edit  c ask  d trash       ? help  q quit"))
        #expect(rows[23].hasPrefix(" 1 of 2 "))
    }
}
