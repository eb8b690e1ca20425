import ConceptDB
import TerminalUI
import Testing

@testable import StudioTUI

/// The small pure parts: dates, tags, names, columns, the grid.
@Suite struct AppConceptsTextTests {
    private static func moment(daysAgo: Double) -> Timestamp {
        Timestamp(
            milliseconds: ConceptsFixture.today.milliseconds - Int64(daysAgo * 86_400_000))
    }

    /// Wednesday 3 June 2026, 13:00 UTC.
    @Test func agesAreSaidAsPeopleSayThem() {
        func ages(_ days: Double) -> [String] {
            let (then, now) = (Self.moment(daysAgo: days), ConceptsFixture.today)
            return [
                AgeText.short(then, now: now, zone: .utc), AgeText.long(then, now: now, zone: .utc),
                AgeText.full(then, now: now, zone: .utc),
            ]
        }
        #expect(ages(0) == ["13:00", "today 13:00", "today 13:00"])
        #expect(ages(0.5)[0] == "01:00")
        #expect(ages(1) == ["Tue", "Tue", "Tue 2 Jun 2026, 13:00"])
        #expect(ages(6)[0] == "Thu")
        #expect(ages(7) == ["27 May", "27 May", "Wed 27 May 2026, 13:00"])
        #expect(ages(400) == ["2025", "29 Apr 2025", "Tue 29 Apr 2025, 13:00"])
        #expect(ages(-30)[0] == "3 Jul", "a clock that was wrong")
        #expect(AgeText.short(Timestamp(milliseconds: -1), now: ConceptsFixture.today) != "")
    }

    @Test func localTimeMovesMidnight() {
        let east = AgeText.Zone { _ in 12 * 3600 }
        let then = Self.moment(daysAgo: 0.2)
        #expect(AgeText.long(then, now: ConceptsFixture.today, zone: .utc) == "today 08:12")
        #expect(AgeText.long(then, now: ConceptsFixture.today, zone: east) == "Wed")
    }

    @Test func tagsAreTypedWithSigns() {
        let changes = TagChanges(parsing: "Pet, +#indoor , -old one,, - , new, -new")
        #expect(changes == TagChanges(adding: ["pet", "indoor"], removing: ["old one", "new"]))
        let concept = ConceptsFixture.concept(1, "A", tags: ["old one", "pet"])
        #expect(
            changes.patch(concept)
                == ConceptPatch(
                    id: 1, edit: ConceptEdit(addingTags: ["indoor"], removingTags: ["old one"])))
        #expect(TagChanges(parsing: "pet").patch(concept) == nil)
        #expect(TagList.parse(" Cat,#cat, Big  Dog") == ["cat", "big dog"])
    }

    @Test func namesComeFromFiles() {
        #expect(ConceptNaming.name(ofFile: "/a/red_tea_pot.JPG") == "red tea pot")
        #expect(ConceptNaming.name(ofFile: "/a/IMG.0001.png") == "IMG.0001")
        #expect(ConceptNaming.name(ofFile: "/a/x\ny.png") == "x y")
        #expect(ConceptNaming.name(ofFile: "/a/" + String(repeating: "x", count: 250)).count == 190)
        let taken: Set = ["mug".nameKey, "mug 2".nameKey, "STRASSE".nameKey]
        #expect(ConceptNaming.free("Mug", taken: taken) == "Mug 3")
        #expect(ConceptNaming.free("straße", taken: taken) == "straße 2")
        #expect(ConceptNaming.free("cup", taken: taken) == "cup")
    }

    @Test(arguments: 12...200) func columnsFillTheRowWithoutOverlap(_ width: Int) {
        let columns = ConceptColumns(width)
        let parts = [columns.name, columns.category, columns.pictures, columns.age]
            .filter { $0.columns > 0 }.sorted { $0.x < $1.x }
        for (left, right) in zip(parts, parts.dropFirst()) {
            #expect(left.x + left.columns < right.x)
        }
        #expect((parts.last.map { $0.x + $0.columns } ?? 0) <= width)
        #expect(columns.name.columns >= min(8, width - 2))
    }

    @Test func gridCellsFillTheirArea() {
        for width in 20...200 {
            for height in 6...60 {
                let area = Rect(x: 3, y: 2, columns: width, rows: height)
                let grid = GridLayout(area)
                let last = grid.rect(grid.columns * grid.rows - 1, firstRow: 0)
                #expect(last.right <= area.right && last.bottom <= area.bottom)
                #expect(grid.cell.columns >= 18 || grid.columns == 1)
            }
        }
    }

    @Test func marksAreRanges() {
        var marks = ConceptMarks()
        marks.toggle(1)
        marks.startRange(at: 3)
        marks.extendRange(to: 4, rows: [1, 2, 3, 4, 5])
        #expect(marks.ids == [1, 3, 4, 5])
        marks.extendRange(to: 1, rows: [1, 2, 3, 4, 5])
        #expect(marks.ids == [1, 2, 3])
        marks.cancelRange()
        #expect(marks.ids == [1])
    }
}
