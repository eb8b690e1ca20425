import Testing

@testable import StudioTUI

@Suite struct FuzzyTests {
    @Test(arguments: [
        ("mch", "mochi", [0, 2, 3]),
        ("mochi", "mochi", [0, 1, 2, 3, 4]),
        ("MCH", "Mochi", [0, 2, 3]),
        ("rk", "red kettle", [0, 4]),
        ("bm", "my BlueMug", [3, 7]),
        ("dad", "grand-dad", [6, 7, 8]),
        ("emile", "Émile", [0, 1, 2, 3, 4]),
        ("é", "Emile", [0]),
        ("strasse", "Straße", [0, 1, 2, 3, 4, 5]),
        ("lodz", "Łódź", [0, 1, 2, 3]),
        ("ab", "e\u{301}ab", [1, 2]),
        ("犬", "黒い犬", [2]),
        ("ａｂ", "ab", [0, 1]),
        ("mug blue", "blue mug", [0, 1, 2, 3, 5, 6, 7]),
        ("aa", "a ba", [0, 3]),
        ("👩", "x👩‍🚀", [1]),
        ("don't", "don’t", [0, 1, 2, 3, 4]),
    ])
    func letters(query: String, name: String, positions: [Int]) {
        #expect(FuzzyMatcher(query).match(name)?.positions == positions)
    }

    @Test(arguments: [
        ("hcm", "mochi"), ("mochii", "mochi"), ("x", ""), ("mug x", "mug"), ("oo", "mochi"),
        ("か", "キ"),
    ])
    func whatDoesNotFit(query: String, name: String) {
        #expect(FuzzyMatcher(query).match(name) == nil)
        #expect(FuzzyIndex([name]).hits(FuzzyMatcher(query)).isEmpty)
    }

    /// The better name first, for what people type.
    @Test(arguments: [
        ("mug", "blue mug", "marmalade under glass"),
        ("mug", "mug", "smug"),
        ("mug", "mug", "mug two"),
        ("bm", "blue mug", "abba maria"),
        ("bm", "blueMug", "bulbium"),
        ("ket", "red kettle", "rocket"),
        ("mo", "mochi", "marco"),
    ])
    func order(query: String, better: String, worse: String) throws {
        let matcher = FuzzyMatcher(query)
        let one = try #require(matcher.match(better))
        let other = try #require(matcher.match(worse))
        #expect(one.score > other.score)
        let hits = FuzzyIndex([worse, better]).hits(matcher)
        #expect(hits.map(\.index) == [1, 0])
        #expect(hits.map(\.score) == [one.score, other.score])
    }

    @Test func equalsKeepTheirOrder() {
        let hits = FuzzyIndex(["cat 1", "cat 2", "dog", "cat 3"]).hits(FuzzyMatcher("cat"))
        #expect(hits.map(\.index) == [0, 1, 3])
    }

    @Test(arguments: ["", "   ", "\u{301}\u{200D}"])
    func emptyQueryFindsAll(query: String) {
        let index = FuzzyIndex(["b", "a", ""])
        if query.isEmpty || query.contains(" ") {
            #expect(index.hits(FuzzyMatcher(query)).map(\.index) == [0, 1, 2])
        } else {
            // Marks alone are letters that nothing has.
            #expect(index.hits(FuzzyMatcher(query)).isEmpty)
        }
    }

    @Test func mochiAmongTenThousand() {
        var names = (0..<10_000).map { "thing \($0) \($0 * 7919 % 10_007)" }
        names[7777] = "mochi"
        var search = FuzzySearch(FuzzyIndex(names))
        #expect(search.hits("m").map(\.index) == [7777])
        #expect(search.hits("mch").map(\.index) == [7777])
        #expect(search.hits("").count == 10_000)
    }

    /// Typing on, deleting and typing anew find the same as looking at all names.
    @Test func narrowingFindsWhatAFullSearchFinds() {
        var random = Seeded(state: 7)
        let letters = ["a", "b", "c", "A", " ", "é", "-", "1"]
        func word(_ length: Int) -> String {
            (0..<length).map { _ in letters[Int(random.next() % 8)] }.joined()
        }
        let names = (0..<500).map { _ in word(Int(random.next() % 12)) }
        let index = FuzzyIndex(names)
        var search = FuzzySearch(index)
        var query = ""
        for _ in 0..<400 {
            switch random.next() % 4 {
            case 0: query = String(query.dropLast())
            case 1 where random.next() % 5 == 0: query = ""
            default: query += word(1)
            }
            let matcher = FuzzyMatcher(query)
            let hits = search.hits(query)
            #expect(hits == index.hits(matcher), "\(query)")
            guard !matcher.isEmpty else { continue }
            let fitting = names.indices.filter { matcher.match(names[$0]) != nil }
            #expect(hits.map(\.index).sorted() == fitting, "\(query)")
            #expect(hits.allSatisfy { matcher.match(names[$0.index])?.score == $0.score })
        }
    }

    /// The positions spell the query, whatever the name.
    @Test func positionsSpellTheQuery() {
        var random = Seeded(state: 11)
        for _ in 0..<2000 {
            let name = (0..<(1 + random.next() % 14)).map { _ in
                ["a", "b", " ", "B"][Int(random.next() % 4)]
            }
            .joined()
            let query = (0..<(1 + random.next() % 4)).map { _ in ["a", "b"][Int(random.next() % 2)]
            }
            .joined()
            guard let match = FuzzyMatcher(query).match(name) else { continue }
            let characters = Array(name.lowercased())
            #expect(String(match.positions.map { characters[$0] }) == query)
        }
    }

    @Test func hostileNamesAreBounded() {
        let marks = "a" + String(repeating: "\u{301}", count: 50_000)
        let long = String(repeating: "x", count: 100_000) + "mochi"
        let controls = "\u{1B}[31mmochi\u{202E}\r\n\u{0}"
        let index = FuzzyIndex([marks, long, controls, ""])
        #expect(index.hits(FuzzyMatcher("a")).map(\.index) == [0])
        #expect(index.hits(FuzzyMatcher("mochi")).map(\.index) == [2])
        #expect(FuzzyMatcher("mochi").match(controls)?.positions == [5, 6, 7, 8, 9])
        #expect(
            index.hits(FuzzyMatcher(String(repeating: "x", count: 100_000))).map(\.index) == [1])
        #expect(FuzzyMatcher(String(repeating: "a ", count: 10_000)).words.count == 8)
    }
}

/// Numbers that look random and are the same each time.
struct Seeded {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
