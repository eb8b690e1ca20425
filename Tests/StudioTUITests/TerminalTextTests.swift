import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("\u{1B}[31mred", "␛[31mred"), ("a\u{7}b", "a␇b"), ("a\u{9B}2Jb", "a\u{FFFD}2Jb"),
        ("a\nb\tc\r", "a b c"), ("\u{202E}evil", "\u{FFFD}evil"), ("\u{7F}", "\u{FFFD}"),
        ("Möhre 🥕 ‹x›", "Möhre 🥕 ‹x›"), ("👩‍👩‍👧", "👩‍👩‍👧"),
    ])
    func controlCharactersBecomeVisible(_ text: String, _ safe: String) {
        #expect(TerminalText.sanitized(text) == safe)
    }

    @Test func lineEndsStayWhereLinesAreMeant() {
        #expect(TerminalText.sanitized("a\nb\u{1B}", lines: true) == "a\nb␛")
    }

    @Test(arguments: [
        ("abc", 3), ("héllo", 5), ("你好", 4), ("🦆", 2), ("👩‍👩‍👧", 2), ("e\u{301}", 1), ("", 0),
        ("한글", 4), ("❤️", 2),
    ])
    func widthCountsCells(_ text: String, _ cells: Int) {
        #expect(TerminalText.width(text) == cells)
    }

    @Test func truncationKeepsWithinTheCells() {
        #expect(TerminalText.truncated("abcdef", to: 4) == "abc…")
        #expect(TerminalText.truncated("你好世界", to: 4) == "你…")
        #expect(TerminalText.truncated("abcd", to: 4) == "abcd")
        #expect(TerminalText.padded("你", to: 4) == "你  ")
    }

    @Test func wrappingBreaksAtSpacesAndCutsOnlyWhatCannotFit() {
        #expect(TerminalText.wrapped("one two three", to: 7) == ["one two", "three"])
        #expect(TerminalText.wrapped("abcdefgh", to: 3) == ["abc", "def", "gh"])
    }
}

@Suite struct WordWrapperTests {
    private func wrap(_ pieces: [String], _ columns: Int) -> String {
        var wrapper = WordWrapper(columns: columns)
        return pieces.map { wrapper.append($0) }.joined() + wrapper.finish()
    }

    @Test func piecesMakeTheSameLinesAsTheWhole() {
        let text = "The photo shows <Lars> on the left."
        let pieces = text.map(String.init)
        #expect(wrap([text], 12) == "The photo\nshows <Lars>\non the left.")
        #expect(wrap(pieces, 12) == wrap([text], 12))
    }

    @Test func colourCodesTakeNoRoom() {
        #expect(wrap(["ab \u{1B}[1;36mcd\u{1B}[0m ef"], 8) == "ab \u{1B}[1;36mcd\u{1B}[0m ef")
    }

    @Test func withoutATerminalNothingIsBroken() {
        #expect(wrap(["a b c d e f"], 0) == "a b c d e f")
    }
}

@Suite struct NameHighlighterTests {
    private let style = TextStyle(usesColour: true)

    @Test func namesAreColouredHoweverTheTextArrives() {
        let text = "<Lars> and Mia, not Miami or larsen; lars."
        let whole = NameHighlighter.colour(text, names: ["Lars", "Mia"], style: style)
        var highlighter = NameHighlighter(names: ["Lars", "Mia"], style: style)
        let pieces = text.map { highlighter.append(String($0)) }.joined() + highlighter.finish()
        #expect(pieces == whole)
        #expect(
            whole
                == "\u{1B}[1;36m<Lars>\u{1B}[0m and \u{1B}[1;35mMia\u{1B}[0m, not Miami or larsen; "
                + "\u{1B}[1;36mlars\u{1B}[0m.")
    }

    @Test func escapeCodesOfTheModelStayHarmless() {
        let plain = TextStyle(usesColour: false)
        #expect(NameHighlighter.colour("\u{1B}[2J", names: [], style: plain) == "␛[2J")
    }
}
