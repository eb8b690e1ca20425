import Foundation
import Testing

@testable import ConceptDB

@Suite struct TextTests {
    @Test(arguments: [
        ("mug 2", "Mug 10"), ("Élan", "elbow"), ("a", "B"), ("mug 007", "mug 8"), ("1", "a"),
        ("x", "x 1"), ("mug 99999999999999999998", "mug 99999999999999999999"),
    ])
    func sortKeysFollowPeoplesOrder(smaller: String, larger: String) {
        #expect(Array(smaller.sortKey.utf8).lexicographicallyPrecedes(Array(larger.sortKey.utf8)))
    }

    @Test func foldingForSearchKeepsMarksThatTellWordsApart() {
        #expect("ZOË Čapek Ἀθήνα Ёлка".searchFolded == "zoe capek αθηνα елка")
        // が and か, か + voicing mark, are different syllables.
        #expect("がか".searchFolded == "がか")
        #expect("कि".searchFolded == "कि")
    }

    @Test func dotlessIIsItsOwnLetter() {
        #expect("ılık".caseFolded != "ilik".caseFolded)
        #expect("KELVIN".caseFolded == "\u{212A}elvin".caseFolded)
    }

    @Test func distanceCountsSwapsOnceAndStopsAtItsBudget() {
        func distance(_ a: String, _ b: String, _ budget: Int) -> Int? {
            NearestNames.distance(Array(a.unicodeScalars), Array(b.unicodeScalars), within: budget)
        }
        #expect(distance("mohci", "mochi", 2) == 1)
        #expect(distance("kitten", "sitting", 3) == 3)
        #expect(distance("kitten", "sitting", 2) == nil)
        #expect(distance("", "ab", 2) == 2)
        #expect(distance("abc", "abc", 0) == 0)
    }

    @Test func atMostThreeNamesAreSuggestedClosestFirst() {
        let names = ["Mocha", "Mochi", "Mochis", "Machi", "Zebra"]
        #expect(
            NearestNames.to("mochi", among: names)
                == ["Mochi", "Mocha", "Machi"].sorted {
                    ($0 == "Mochi" ? 0 : 1, $0) < ($1 == "Mochi" ? 0 : 1, $1)
                })
        #expect(NearestNames.to("", among: names).isEmpty)
        #expect(NearestNames.to("qqqqqq", among: names).isEmpty)
    }

    @Test func oneLineHasNoBreaksAndNoControls() {
        #expect(" a\r\n\tb\u{1B}[0m  c ".onOneLine == "a b [0m c")
    }

    @Test func timestampsSurviveJSONToTheMillisecond() throws {
        for milliseconds: Int64 in [0, 1, 999, 1_777_889_999_123, -1, 253_402_300_799_999] {
            let timestamp = Timestamp(milliseconds: milliseconds)
            let data = try JSONEncoder().encode([timestamp])
            #expect(try JSONDecoder().decode([Timestamp].self, from: data) == [timestamp])
        }
        #expect(
            Timestamp(milliseconds: 1_777_890_030_005).description == "2026-05-04T10:20:30.005Z")
        let plain = try JSONDecoder().decode(
            [Timestamp].self, from: Data(#"["2026-05-04T10:20:30Z"]"#.utf8))
        #expect(plain == [Timestamp(milliseconds: 1_777_890_030_000)])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Timestamp].self, from: Data(#"["yesterday"]"#.utf8))
        }
    }

    @Test func jsonValuesKeepTheirKind() throws {
        let text = #"{"a":[1,2.5,true,null,"x"],"big":9007199254740993}"#
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        #expect(value["big"] == .integer(9_007_199_254_740_993))
        #expect(
            value["a"] == .array([.integer(1), .number(2.5), .bool(true), .null, .string("x")]))
        #expect(try JSONColumn.text(value) == text)
    }
}
