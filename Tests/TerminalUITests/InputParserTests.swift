import Testing

@testable import TerminalUI

@Suite struct InputParserTests {
    struct Sample: CustomTestStringConvertible, Sendable {
        let text: String
        let events: [InputEvent]

        init(_ text: String, _ events: InputEvent...) {
            self.text = text
            self.events = events
        }

        var testDescription: String { text.debugDescription }
    }

    static let keys: [Sample] = [
        Sample("a", .key(.character("a"))),
        Sample("é", .key(.character("é"))),
        Sample("🦆", .key(.character("🦆"))),
        Sample("\r", .key(Key(.enter))),
        Sample("\n", .key(Key(.enter))),
        Sample("\t", .key(Key(.tab))),
        Sample("\u{7F}", .key(Key(.backspace))),
        Sample("\u{08}", .key(Key(.backspace))),
        Sample("\u{00}", .key(.control(" "))),
        Sample("\u{01}", .key(.control("a"))),
        Sample("\u{1A}", .key(.control("z"))),
        Sample("\u{1C}", .key(.control("\\"))),
        Sample("\u{1F}", .key(.control("_"))),
        Sample("\u{1B}x", .key(Key(.character("x"), .alt))),
        Sample("\u{1B}é", .key(Key(.character("é"), .alt))),
        Sample("\u{1B}\r", .key(Key(.enter, .alt))),
        Sample("\u{1B}\u{7F}", .key(Key(.backspace, .alt))),
        Sample("\u{1B}\u{01}", .key(Key(.character("a"), [.alt, .control]))),
        Sample("\u{1B}[A", .key(Key(.up))),
        Sample("\u{1B}OB", .key(Key(.down))),
        Sample("\u{1B}[1;5A", .key(Key(.up, .control))),
        Sample("\u{1B}[1;2D", .key(Key(.left, .shift))),
        Sample("\u{1B}[1;8C", .key(Key(.right, [.shift, .alt, .control]))),
        Sample("\u{1B}[H", .key(Key(.home))),
        Sample("\u{1B}OF", .key(Key(.end))),
        Sample("\u{1B}[1~", .key(Key(.home))),
        Sample("\u{1B}[2~", .key(Key(.insert))),
        Sample("\u{1B}[3;5~", .key(Key(.delete, .control))),
        Sample("\u{1B}[4~", .key(Key(.end))),
        Sample("\u{1B}[5~", .key(Key(.pageUp))),
        Sample("\u{1B}[6~", .key(Key(.pageDown))),
        Sample("\u{1B}OP", .key(Key(.function(1)))),
        Sample("\u{1B}OR", .key(Key(.function(3)))),
        Sample("\u{1B}[1;2S", .key(Key(.function(4), .shift))),
        Sample("\u{1B}[[A", .key(Key(.function(1)))),
        Sample("\u{1B}[15~", .key(Key(.function(5)))),
        Sample("\u{1B}[17~", .key(Key(.function(6)))),
        Sample("\u{1B}[21~", .key(Key(.function(10)))),
        Sample("\u{1B}[24;2~", .key(Key(.function(12), .shift))),
        Sample("\u{1B}[Z", .key(Key(.tab, .shift))),
        Sample("\u{1B}[a", .key(Key(.up, .shift))),
        Sample("\u{1B}Oa", .key(Key(.up, .control))),
        Sample("\u{1B}OM", .key(Key(.enter))),
        Sample("\u{1B}Ou", .key(.character("5"))),
        Sample("\u{1B}[27;5;105~", .key(.control("i"))),
        Sample("\u{1B}[27;2;13~", .key(Key(.enter, .shift))),
        Sample("\u{1B}[97;5u", .key(.control("a"))),
        Sample("\u{1B}[97:65;2u", .key(.character("A"))),
        Sample("\u{1B}[97;2u", .key(.character("A"))),
        Sample("\u{1B}[27u", .key(Key(.escape))),
        Sample("\u{1B}[13;5u", .key(Key(.enter, .control))),
        Sample("\u{1B}[57419u", .key(Key(.up))),
        Sample("\u{1B}[57404u", .key(.character("5"))),
        Sample("\u{1B}\u{1B}[A", .key(Key(.escape)), .key(Key(.up))),
    ]

    static let others: [Sample] = [
        Sample("\u{1B}[I", .focus(true)),
        Sample("\u{1B}[O", .focus(false)),
        Sample("\u{1B}[<0;3;2M", .mouse(MouseEvent(.press(.left), at: Point(x: 2, y: 1)))),
        Sample("\u{1B}[<0;3;2m", .mouse(MouseEvent(.release(.left), at: Point(x: 2, y: 1)))),
        Sample("\u{1B}[<34;300;200M", .mouse(MouseEvent(.drag(.right), at: Point(x: 299, y: 199)))),
        Sample(
            "\u{1B}[<20;1;1M",
            .mouse(
                MouseEvent(.press(.left), at: Point(x: 0, y: 0), modifiers: [.shift, .control]))),
        Sample("\u{1B}[<64;1;1M", .mouse(MouseEvent(.scroll(-1), at: Point(x: 0, y: 0)))),
        Sample(
            "\u{1B}[<73;1;1M",
            .mouse(MouseEvent(.scroll(1), at: Point(x: 0, y: 0), modifiers: .alt))),
        Sample("\u{1B}[<35;1;1M", .reply(.other)),
        Sample("\u{1B}[M !!", .mouse(MouseEvent(.press(.left), at: Point(x: 0, y: 0)))),
        Sample("\u{1B}[M#\"!", .mouse(MouseEvent(.release(.left), at: Point(x: 1, y: 0)))),
        Sample("\u{1B}[200~a\r\u{1B}[A\u{1B}[20b\u{1B}[201~", .paste("a\r\u{1B}[A\u{1B}[20b")),
        Sample("\u{1B}[200~\u{1B}[201~", .paste("")),
        Sample("\u{1B}[200~é🦆\u{1B}\u{1B}[201~q", .paste("é🦆\u{1B}"), .key(.character("q"))),
    ]

    static let replies: [Sample] = [
        Sample(
            "\u{1B}[?63;1;2;4;6;9;15;16;22;28c",
            .reply(.attributes([63, 1, 2, 4, 6, 9, 15, 16, 22, 28]))),
        Sample("\u{1B}P>|XTerm(379)\u{1B}\\", .reply(.version("XTerm(379)"))),
        Sample("\u{1B}[?1;0;1024S", .reply(.graphics([1, 0, 1024]))),
        Sample("\u{1B}[?2;0;800;510S", .reply(.graphics([2, 0, 800, 510]))),
        Sample("\u{1B}[?2;3S", .reply(.graphics([2, 3]))),
        Sample("\u{1B}[6;17;8t", .reply(.cellSize(width: 8, height: 17))),
        Sample("\u{1B}[?2026;2$y", .reply(.mode(2026, state: 2))),
        Sample("\u{1B}[12;40R", .reply(.cursor(Point(x: 39, y: 11)))),
        Sample("\u{1B}[?1;1R", .reply(.cursor(Point(x: 0, y: 0)))),
        Sample("\u{1B}_Gi=31;OK\u{1B}\\", .reply(.kittyGraphics("i=31;OK"))),
        Sample(
            "\u{1B}]11;rgb:ffff/0000/8080\u{1B}\\",
            .reply(.background(red: 1, green: 0, blue: Double(0x8080) / 65535))),
        Sample("\u{1B}]11;rgb:ff/00/33\u{07}", .reply(.background(red: 1, green: 0, blue: 0.2))),
        Sample("\u{1B}]11;#ff0033\u{07}", .reply(.background(red: 1, green: 0, blue: 0.2))),
        Sample("\u{1B}]10;rgb:ff/00/33\u{07}", .reply(.other)),
        Sample("\u{1B}]11;rgb:zz/00/33\u{07}", .reply(.other)),
        Sample("\u{1B}P1$r0m\u{1B}\\", .reply(.other)),
        Sample("\u{1B}[>41;379;0c", .reply(.other)),
        Sample("\u{1B}[8;30;100t", .reply(.other)),
        Sample("\u{1B}[?997;1n", .reply(.other)),
        Sample("\u{1B}[?1u", .reply(.other)),
    ]

    static let all = keys + others + replies

    @Test(arguments: all) func isUnderstoodAtOnce(_ sample: Sample) {
        var parser = InputParser()
        #expect(parser.feed(sample.text.utf8) == sample.events)
        #expect(!parser.isWaiting && !parser.isInside)
        #expect(parser.flush() == [])
    }

    @Test(arguments: all) func isUnderstoodWhereverItIsSplit(_ sample: Sample) {
        let bytes = Array(sample.text.utf8)
        for cut in 0...bytes.count {
            var parser = InputParser()
            var events = parser.feed(bytes[..<cut])
            events += parser.feed(bytes[cut...])
            #expect(events == sample.events, "split at \(cut)")
        }
    }

    @Test(arguments: all) func isUnderstoodByteByByteBetweenKeys(_ sample: Sample) {
        var parser = InputParser()
        var events: [InputEvent] = []
        for byte in "j\(sample.text)k".utf8 { events += parser.feed([byte]) }
        #expect(events == [.key(.character("j"))] + sample.events + [.key(.character("k"))])
    }

    /// Silence inside a reply, but for its first two bytes, which could be keys.
    @Test(arguments: replies + others) func surviveSilence(_ sample: Sample) {
        let bytes = Array(sample.text.utf8)
        for cut in 3..<max(3, bytes.count) {
            var parser = InputParser()
            var events = parser.feed(bytes[..<cut])
            events += parser.flush()
            events += parser.feed(bytes[cut...])
            #expect(events == sample.events, "silence at \(cut)")
        }
    }

    @Test func everyPairOfReplies() {
        for first in Self.replies {
            for second in Self.replies {
                var parser = InputParser()
                let events = parser.feed((first.text + "x" + second.text).utf8)
                #expect(events == first.events + [.key(.character("x"))] + second.events)
            }
        }
    }

    @Test func beginningsBecomeKeysAfterSilence() {
        let samples: [(String, [InputEvent])] = [
            ("\u{1B}", [.key(Key(.escape))]),
            ("\u{1B}[", [.key(Key(.character("["), .alt))]),
            ("\u{1B}O", [.key(Key(.character("O"), .alt))]),
            ("\u{1B}]", [.key(Key(.character("]"), .alt))]),
            ("\u{1B}P", [.key(Key(.character("P"), .alt))]),
            ("\u{1B}_", [.key(Key(.character("_"), .alt))]),
            ("\u{1B}\u{1B}", [.key(Key(.escape)), .key(Key(.escape))]),
        ]
        for (text, expected) in samples {
            var parser = InputParser()
            var events = parser.feed(text.utf8)
            #expect(parser.isWaiting)
            events += parser.flush()
            #expect(events == expected)
            #expect(parser.feed("j".utf8) == [.key(.character("j"))])
        }
    }

    @Test func altKeysThatBeginRepliesDoNotSwallowWhatFollows() {
        var parser = InputParser()
        #expect(
            parser.feed("\u{1B}]j\u{1B}Pq\u{1B}_x".utf8) == [
                .key(Key(.character("]"), .alt)), .key(.character("j")),
                .key(Key(.character("P"), .alt)), .key(.character("q")),
                .key(Key(.character("_"), .alt)), .key(.character("x")),
            ])
    }

    @Test func brokenUTF8BecomesReplacements() {
        var parser = InputParser()
        let replacement = InputEvent.key(.character("\u{FFFD}"))
        #expect(parser.feed([0xFF, 0x41]) == [replacement, .key(.character("A"))])
        #expect(parser.feed([0xE2, 0x82, 0x41]) == [replacement, .key(.character("A"))])
        #expect(parser.feed([0xC3]) == [])
        #expect(parser.feed([0xA9]) == [.key(.character("é"))])
    }

    @Test func pastesAreBoundedAndEndWhereTheyEnd() {
        var parser = InputParser()
        let much = [UInt8](repeating: 0x61, count: InputParser.longestPaste + 5000)
        var events = parser.feed("\u{1B}[200~".utf8)
        for start in stride(from: 0, to: much.count, by: 4096) {
            events += parser.feed(much[start..<min(start + 4096, much.count)])
            events += parser.flush()
        }
        #expect(events == [])
        events = parser.feed("\u{1B}[201~x".utf8)
        guard events.count == 2, case .paste(let text) = events[0] else {
            Issue.record("not a paste")
            return
        }
        #expect(text.utf8.count == InputParser.longestPaste)
        #expect(events[1] == .key(.character("x")))
    }

    @Test func overlongRepliesAreDroppedWhole() {
        var parser = InputParser()
        var events = parser.feed("\u{1B}P>|".utf8)
        events += parser.feed([UInt8](repeating: 0x61, count: InputParser.longestReply + 100))
        events += parser.feed("\u{1B}\\x".utf8)
        #expect(events == [.reply(.other), .key(.character("x"))])
    }

    @Test func whatNeverEndsCanBeGivenUp() {
        var parser = InputParser()
        #expect(parser.feed("\u{1B}[200~abc".utf8) == [])
        #expect(parser.isInside)
        #expect(parser.abandon() == [.paste("abc")])
        #expect(parser.feed("\u{1B}]11;rgb".utf8) == [])
        #expect(parser.abandon() == [])
        #expect(parser.feed("j".utf8) == [.key(.character("j"))])
    }

    /// Whatever came before, typed text arrives whole once the parser was told of silence.
    @Test(arguments: 0..<40) func rubbishLosesNoTypedText(_ seed: Int) {
        var numbers = SplitMix(seed: UInt64(seed))
        let interesting: [UInt8] = Array("\u{1B}[]OP_<>?;:0129~MmuRc\\\u{07}q\"$".utf8)
        for _ in 0..<200 {
            var parser = InputParser()
            for _ in 0..<Int(numbers.next() % 40) {
                let pick = numbers.next()
                let byte =
                    pick % 3 == 0
                    ? UInt8(truncatingIfNeeded: pick >> 8)
                    : interesting[Int(pick >> 8) % interesting.count]
                _ = parser.feed([byte])
                if pick % 7 == 0 { _ = parser.flush() }
            }
            _ = parser.flush()
            _ = parser.abandon()
            // A character of UTF-8 may still be open; it shows as one replacement.
            let typed = parser.feed("hello, world".utf8).compactMap { event -> Character? in
                if case .key(let key) = event { key.typed } else { nil }
            }
            #expect(String(typed.filter { $0 != "\u{FFFD}" }) == "hello, world")
        }
    }

    /// Text without `ESC` is typed text, however it is cut.
    @Test(arguments: 0..<20) func printableTextIsNeverLost(_ seed: Int) {
        var numbers = SplitMix(seed: UInt64(seed))
        let text = String(
            (0..<500).map { _ in Character(Unicode.Scalar(UInt8(0x20 + numbers.next() % 95))) })
        var parser = InputParser()
        var typed = ""
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1 + Int(numbers.next() % 9))
            rest = rest.dropFirst(piece.count)
            for case .key(let key) in parser.feed(piece) {
                typed += key.typed.map(String.init) ?? ""
            }
            _ = parser.flush()
        }
        #expect(typed == text)
    }
}
