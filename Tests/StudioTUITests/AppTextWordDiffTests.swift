import Testing

@testable import StudioTUI

/// `[left]` and `{right}` around what differs.
private func marked(_ runs: [WordDiff.Run]) -> String {
    runs.map { run in
        switch run.kind {
        case .same: run.text
        case .onlyLeft: "[\(run.text)]"
        case .onlyRight: "{\(run.text)}"
        }
    }.joined()
}

@Suite struct WordDiffTests {
    @Test(arguments: [
        ("", "", ""),
        ("", "a b", "{a b}"),
        ("a b", "", "[a b]"),
        ("a dog", "a dog", "a dog"),
        ("a red mug", "a blue mug", "a [red] {blue} mug"),
        ("a mug.", "a mug", "a mug[.]"),
        ("a mug", "a mug!", "a mug{!}"),
        ("<Blue Mug> on a table", "<Red Mug> on a table", "[<Blue Mug>]{<Red Mug>} on a table"),
        ("the cat <mochi> sits", "<mochi> sits", "[the cat] <mochi> sits"),
        ("one two three four", "one four", "one [two three] four"),
        ("one four", "one two three four", "one {two three} four"),
        ("don't go", "do not go", "[don't]{do not} go"),
        ("3.5 cm, red", "3.6 cm, red", "[3.5]{3.6} cm, red"),
        ("a red-haired man", "a red man", "a [red-haired] {red} man"),
        ("黒い犬", "白い犬", "[黒]{白}い犬"),
        ("big, old dog", "small, young cat", "[big, old dog]{small, young cat}"),
        ("a < b", "a > b", "a [<] {>} b"),
        ("<a\nb> c", "<a b> c", "[<a b>]{<a b>} c"),
        ("wait... no", "wait.. no", "wait[...]{..} no"),
    ])
    func differences(left: String, right: String, expected: String) {
        if left.contains("\n") {
            // A line break ends what could have been a name.
            #expect(!WordDiff(left, right).isSame)
        } else {
            #expect(marked(WordDiff(left, right).runs) == expected)
        }
    }

    @Test func sidesKeepTheirText() {
        var random = Seeded(state: 3)
        let pieces = [
            "a", "mug", "<Blue Mug>", ",", ".", " ", "  ", "\n", "犬", "é", "'", "<", ">",
            "\u{202E}",
        ]
        for _ in 0..<500 {
            func text() -> String {
                (0..<(random.next() % 20)).map { _ in
                    pieces[Int(random.next() % 14)] + (random.next() % 2 == 0 ? " " : "")
                }
                .joined()
            }
            let (left, right) = (text(), text())
            let diff = WordDiff(left, right)
            #expect(diff.left.map(\.text).joined() == left)
            #expect(diff.right.map(\.text).joined() == right)
            #expect(!diff.left.contains { $0.kind == .onlyRight })
            #expect(!diff.right.contains { $0.kind == .onlyLeft })
            for runs in [diff.left, diff.right, diff.runs] {
                #expect(zip(runs, runs.dropFirst()).allSatisfy { $0.kind != $1.kind })
            }
            #expect(words(diff.runs, without: .onlyRight) == words(left))
            #expect(words(diff.runs, without: .onlyLeft) == words(right))
            #expect(WordDiff(left, left).isSame)
        }
    }

    private func words(_ runs: [WordDiff.Run], without kind: WordDiff.Kind) -> [String] {
        runs.filter { $0.kind != kind }.flatMap { run in
            WordTokens(run.text).tokens.map { String($0.text) }
        }
    }

    private func words(_ text: String) -> [String] {
        WordTokens(text).tokens.map { String($0.text) }
    }

    @Test func whiteSpaceAloneIsNoDifference() {
        let diff = WordDiff("a  red\nmug", "a red mug ")
        #expect(diff.isSame)
        #expect(diff.left.map(\.text) == ["a  red\nmug"])
        #expect(diff.right.map(\.text) == ["a red mug "])
    }

    @Test func longCaptionsAreCompared() {
        let left = (0..<2000).map { "word\($0)" }
        var right = left
        right[1000] = "other"
        right.removeSubrange(1500..<1510)
        let diff = WordDiff(left.joined(separator: " "), right.joined(separator: " "))
        #expect(diff.runs.filter { $0.kind == .onlyLeft }.count == 2)
        #expect(diff.runs.filter { $0.kind == .onlyRight }.map(\.text) == ["other"])
        let reversed = WordDiff(
            left.joined(separator: " "), left.reversed().joined(separator: " "))
        #expect(reversed.runs.contains { $0.kind == .same })
    }

    @Test func hostileSizesStayCheap() {
        // Too many words to compare all with all: the ends are compared, the middle differs.
        let left = "same " + String(repeating: "a b ", count: 10_000) + "end"
        let right = "same " + String(repeating: "c d ", count: 10_000) + "end"
        let diff = WordDiff(left, right)
        #expect(diff.runs.map(\.kind) == [.same, .onlyLeft, .same, .onlyRight, .same])
        #expect(WordDiff(String(repeating: "<", count: 50_000), "x").runs.count == 2)
    }
}
