import Testing

@testable import TerminalUI

/// Types a script into a field: `<...>` are keys by name, everything else types itself.
private func typed(_ script: String, into field: TextField = TextField()) -> TextField {
    var field = field
    for key in keys(script) { _ = field.handle(key) }
    return field
}

private func keys(_ script: String) -> [Key] {
    var keys: [Key] = []
    var rest = Substring(script)
    while let character = rest.popFirst() {
        guard character == "<", let end = rest.firstIndex(of: ">") else {
            keys.append(.character(character))
            continue
        }
        keys.append(named(String(rest[..<end])))
        rest = rest[rest.index(after: end)...]
    }
    return keys
}

private func named(_ name: String) -> Key {
    let codes: [String: KeyCode] = [
        "left": .left, "right": .right, "up": .up, "down": .down, "home": .home, "end": .end,
        "bs": .backspace, "del": .delete, "enter": .enter, "tab": .tab, "esc": .escape,
        "lt": .character("<"), "gt": .character(">"),
    ]
    var modifiers: KeyModifiers = []
    var rest = name
    while rest.count > 2, rest.dropFirst().first == "-" {
        if rest.first == "c" { modifiers.insert(.control) }
        if rest.first == "a" { modifiers.insert(.alt) }
        rest.removeFirst(2)
    }
    return Key(codes[rest] ?? .character(rest.first ?? " "), modifiers)
}

/// The text with `|` where the cursor stands.
private func shown(_ field: TextField) -> String {
    let characters = Array(field.text)
    return String(characters[..<field.cursor]) + "|" + String(characters[field.cursor...])
}

@Suite struct TextFieldTests {
    @Test(arguments: [
        ("abc", "abc|"),
        ("abc<left><left>x", "ax|bc"),
        ("abc<home>x<end>y", "xabcy|"),
        ("abc<c-a>x<c-e>y", "xabcy|"),
        ("abc<c-b><c-b><c-f>x", "abx|c"),
        ("abc<bs><bs>", "a|"),
        ("abc<home><del>", "|bc"),
        ("abc<home><c-d><c-d>", "|c"),
        ("one two  three<c-w>", "one two  |"),
        ("one two  <c-w>", "one |"),
        ("one two-three<a-bs>", "one two-|"),
        ("one two<home><a-d>", "| two"),
        ("one two<home><a-f><a-f>", "one two|"),
        ("one two<a-b><a-b>", "|one two"),
        ("one two<c-left>", "one |two"),
        ("one two<home><c-right>", "one| two"),
        ("one two<c-u>", "|"),
        ("one two<a-b><c-k>", "one |"),
        ("one two<c-w><c-w><c-y>", "one two|"),
        ("one two<c-u><c-y><c-y>", "one twoone two|"),
        ("one two<home><a-d><a-d><c-y>", "one two|"),
        ("one<c-w>two<c-w><c-y>", "two|"),
        ("ab<c-t>", "ba|"),
        ("abc<left><c-t>", "acb|"),
        ("a<c-t>", "a|"),
        ("<bs><del><left><right><c-w><c-u><c-k><c-y>", "|"),
        ("a<lt>b<gt>c", "a<b>c|"),
        ("a<a-lt>b", "b|a"),
        ("abc<home><a-gt>d", "abcd|"),
    ])
    func keysOfShellsEdit(script: String, expected: String) {
        #expect(shown(typed(script)) == expected)
    }

    @Test(arguments: [
        ("one two<c-z>", "one |"),
        ("one two<c-z><c-z>", "|"),
        ("one two<c-z><c-z><c-z>", "|"),
        ("one two<c-_><a-_>", "one two|"),
        ("one two<c-w><c-z>", "one two|"),
        ("abc<bs><c-z>", "abc|"),
        ("abc<home><del><c-z>", "|abc"),
        ("ab<left>x<c-z>", "a|b"),
        ("one<c-z>two<a-_>", "two|"),
    ])
    func undoTakesBackWhatWasTyped(script: String, expected: String) {
        #expect(shown(typed(script)) == expected)
    }

    @Test func undoIsBounded() {
        var field = TextField(maximumLength: 10_000)
        for _ in 0..<300 { field = typed("word <bs> ", into: field) }
        #expect(field.past.count == TextField.undoDepth)
        for _ in 0..<1000 { _ = field.handle(.control("z")) }
        #expect(!field.isEmpty)
    }

    @Test(arguments: [
        ("<enter>", TextField.Outcome.ignored), ("<esc>", .ignored), ("<tab>", .ignored),
        ("<up>", .ignored), ("<down>", .ignored), ("<c-p>", .ignored), ("<a-x>", .ignored),
        ("<left>", .moved), ("<bs>", .moved), ("<c-y>", .moved), ("x", .changed), ("<c-z>", .moved),
    ])
    func outcomeSaysWhoseKeyItWas(script: String, expected: TextField.Outcome) {
        var field = TextField()
        #expect(keys(script).map { field.handle($0) } == [expected])
        #expect(expected == .changed || field.isEmpty)
    }

    @Test func clustersAreNeverCut() {
        let family = "👩‍👩‍👧"
        #expect(shown(typed("e\u{301}x<left><bs>")) == "|x")
        #expect(shown(typed("<left><bs>", into: TextField("a\(family)b"))) == "a|b")
        #expect(shown(typed("<home><del>", into: TextField("🇩🇪🇫🇷"))) == "|🇫🇷")
    }

    @Test func marksJoinTheCharacterBefore() {
        var field = typed("ae")
        #expect(field.handle(.character("\u{301}")) == .changed)
        #expect(field.text == "ae\u{301}")
        #expect(field.cursor == 2)
        // The parts of a joined emoji, one after the other.
        field = TextField()
        for scalar in "👩‍🚀".unicodeScalars { _ = field.handle(.character(Character(scalar))) }
        #expect(field.text == "👩‍🚀")
        #expect(field.cursor == 1)
        // Two halves of a flag meet when what was between them goes.
        #expect(shown(typed("<left><bs>", into: TextField("🇩x🇪"))) == "🇩🇪|")
    }

    @Test func pasteLosesWhatCannotBeTyped() {
        var line = TextField()
        #expect(line.insert("one\r\ntwo\tthree\u{1B}[31m\u{202E}\u{0}\u{85}!") == .changed)
        #expect(line.text == "one two three[31m!")
        var lines = TextField(isMultiline: true)
        lines.insert("one\r\ntwo\rthree\nfour\u{2028}five")
        #expect(lines.text == "one\ntwo\nthree\nfour\nfive")
        #expect(lines.insert("\u{1B}\u{7}") == .moved)
        #expect(typed("<c-z>", into: lines).isEmpty)
    }

    @Test func lengthIsBounded() {
        var field = TextField(maximumLength: 5)
        #expect(field.insert("abcdefgh") == .changed)
        #expect(field.text == "abcde")
        #expect(field.handle(.character("x")) == .moved)
        #expect(field.text == "abcde")
        // A mark takes no room, but not without end.
        #expect(field.handle(.character("\u{301}")) == .changed)
        #expect(field.text == "abcde\u{301}")
        field = TextField(maximumLength: 5)
        field.insert("a" + String(repeating: "\u{301}", count: 1_000_000))
        #expect(field.text.unicodeScalars.count <= 64)
        field = TextField(maximumLength: 100)
        field.insert(String(repeating: "x", count: 3_000_000))
        #expect(field.text == String(repeating: "x", count: 100))
        // What is too long already can be shortened.
        field = typed("<bs>", into: TextField("too long", maximumLength: 3))
        #expect(field.text == "too lon")
    }

    @Test func replacingCanBeUndone() {
        var field = typed("abc")
        field.replace(with: "/pictures/", cursor: 1)
        #expect(shown(field) == "/|pictures/")
        #expect(shown(typed("<c-z>", into: field)) == "abc|")
        field.clear()
        #expect(field.isEmpty)
        field.moveCursor(to: 99)
        #expect(field.cursor == 0)
    }

    // MARK: - Several lines

    @Test(arguments: [
        ("ab<enter>cd", "ab\ncd|"),
        ("ab<enter>cd<up>x", "abx|\ncd"),
        ("abcd<enter>e<enter>fghi<up><up>x", "abcdx|\ne\nfghi"),
        ("ab<enter>cd<home><bs>", "ab|cd"),
        ("ab<enter>cd<up><c-k>", "ab|cd"),
        ("ab<enter>cd<up><home><c-k><c-k>", "|cd"),
        ("ab<enter>cd<c-u><c-u>", "ab\n|"),
        ("ab<enter>cd<c-home>x", "xab\ncd"),
    ])
    func linesAreEdited(script: String, expected: String) {
        let field = typed(script, into: TextField(isMultiline: true))
        if script.contains("c-home") {
            #expect(field.text == expected)
        } else {
            #expect(shown(field) == expected)
        }
    }

    @Test func upAndDownFollowTheRowsOnTheScreen() {
        var field = TextField("one two three", isMultiline: true)
        #expect(field.lines(columns: 6).rows == ["one ", "two ", "three"])
        #expect(field.handle(Key(.up), columns: 6) == .moved)
        #expect(shown(field) == "one two| three")
        #expect(field.handle(Key(.up), columns: 6) == .moved)
        #expect(field.handle(Key(.up), columns: 6) == .ignored)
        #expect(shown(field) == "one| two three")
        // The column that was wanted first comes back.
        #expect(field.handle(Key(.down), columns: 6) == .moved)
        #expect(field.handle(Key(.down), columns: 6) == .moved)
        #expect(field.cursor == 13)
        #expect(field.handle(Key(.down), columns: 6) == .ignored)
    }

    @Test(arguments: [
        ("", 10, [""], 0, 0),
        ("abc\n", 10, ["abc", ""], 1, 0),
        ("aaa bbb", 5, ["aaa ", "bbb"], 1, 3),
        ("aaaaaaa", 4, ["aaa", "aaa", "a"], 2, 1),
        ("犬犬犬", 5, ["犬犬", "犬"], 1, 2),
        ("a\n\nb", 9, ["a", "", "b"], 2, 1),
        ("ab", 1, ["a", "b"], 1, 1),
        ("犬", 0, ["犬"], 0, 2),
    ])
    func linesWrapSoftly(
        text: String, columns: Int, rows: [String], row: Int, column: Int
    ) {
        let layout = TextField(text, isMultiline: true).lines(columns: columns)
        #expect(layout.rows == rows)
        #expect(layout.cursorRow == row)
        #expect(layout.cursorColumn == column)
    }

    @Test func everyCursorIsInsideItsRow() {
        let texts = [
            "one two  three\n\nfour 犬犬犬犬 e\u{301}e\u{301}", "   x   \n y", "👩‍👩‍👧 👍🏽 a\u{200B}b",
        ]
        for text in texts {
            for columns in 3...12 {
                var field = TextField(text, isMultiline: true)
                for position in 0...Array(text).count {
                    field.moveCursor(to: position)
                    let layout = field.lines(columns: columns)
                    #expect(layout.rows.allSatisfy { TerminalText.width($0) < columns })
                    #expect(layout.cursorColumn < columns)
                    // A click where the cursor is leads back to it, or to a sign without width.
                    let clicked = field.position(
                        atColumn: layout.cursorColumn, row: layout.cursorRow, columns: columns)
                    var other = field
                    other.moveCursor(to: clicked)
                    let there = other.lines(columns: columns)
                    #expect(there.cursorRow == layout.cursorRow)
                    #expect(there.cursorColumn == layout.cursorColumn)
                }
            }
        }
    }

    // MARK: - One line on the screen

    @Test(arguments: [
        ("abc", 3, 10, "abc", 3),
        ("abc", 0, 10, "abc", 0),
        ("abcdefghij", 10, 6, "ghij", 4),
        ("abcdefghij", 0, 6, "abcdef", 0),
        ("abcdefghij", 5, 6, "abcdef", 5),
        ("abcdefghij", 6, 6, "defghi", 3),
        ("犬犬犬犬", 4, 4, "犬", 2),
        ("犬犬犬犬", 3, 5, "犬犬", 2),
        ("犬犬犬犬", 3, 3, " 犬", 1),
        ("abc", 3, 1, "", 0),
        ("abc", 1, 1, "b", 0),
        ("abc", 3, 0, "", 0),
    ])
    func windowFollowsTheCursor(
        text: String, cursor: Int, columns: Int, shown: String, column: Int
    ) {
        var field = TextField(text)
        field.moveCursor(to: cursor)
        let visible = field.visible(columns: columns)
        #expect(visible.cursorColumn == column)
        #expect(visible.text == shown)
    }

    @Test func cursorIsAlwaysInTheWindow() {
        let texts = [
            "plain words that go on", "犬a犬a犬犬犬aaa犬", "e\u{301}\u{301}x🇩🇪👩‍👩‍👧\u{200B}y",
            "\u{1B}[2J\n\u{202E}x",
        ]
        for text in texts {
            for columns in 1...9 {
                var field = TextField(text)
                for position in 0...Array(text).count {
                    field.moveCursor(to: position)
                    let visible = field.visible(columns: columns)
                    #expect((0..<columns).contains(visible.cursorColumn))
                    #expect(TerminalText.width(visible.text) <= columns)
                    #expect(TerminalText.sanitized(visible.text) == visible.text)
                    #expect(
                        (0...Array(text).count).contains(
                            field.position(atColumn: visible.cursorColumn, columns: columns)))
                }
            }
        }
    }

    @Test func clickFindsTheCharacter() {
        var field = TextField("a犬bcdefghij")
        field.moveCursor(to: 0)
        #expect((0..<6).map { field.position(atColumn: $0, columns: 20) } == [0, 1, 1, 2, 3, 4])
        #expect(field.position(atColumn: 19, columns: 20) == 11)
    }

    /// Whatever is pressed, the cursor stays inside and nothing traps.
    @Test func anyKeysAreSurvived() {
        var random = SystemRandomNumberGenerator()
        let pieces: [Key] =
            keys(
                "ab 犬é<left><right><home><end><bs><del><enter><up><down><c-w><c-u><c-k><c-y><c-t><c-z><a-_>"
                    + "<a-b><a-f><a-d><a-bs>") + [
                .character("\u{301}"), .character("\u{200D}"), .character("👩"), .character("🇩"),
                .character("\u{1B}"), .character("\u{1100}"), .character("\u{1161}"),
            ]
        for isMultiline in [false, true] {
            var field = TextField(isMultiline: isMultiline, maximumLength: 40)
            for _ in 0..<3000 {
                guard let key = pieces.randomElement(using: &random) else { continue }
                let before = field.text
                let outcome = field.handle(key, columns: 7)
                #expect((outcome == .changed) == (field.text != before), "\(key)")
                #expect((0...field.text.count).contains(field.cursor))
                #expect(field.characters.count <= 40)
                #expect(Array(field.text) == field.characters)
                #expect(TerminalText.typeable(field.text, lines: isMultiline) == field.text)
            }
        }
    }
}
