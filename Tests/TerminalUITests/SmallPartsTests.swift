import Foundation
import Testing

@testable import TerminalUI

@Suite struct ColourDepthTests {
    @Test func depthFollowsTheNumberOfColours() {
        #expect(ColourDepth(colours: 0) == .none)
        #expect(ColourDepth(colours: 8) == .eight)
        #expect(ColourDepth(colours: 16) == .sixteen)
        #expect(ColourDepth(colours: 88) == .sixteen)
        #expect(ColourDepth(colours: 256) == .full)
        #expect(ColourDepth(colours: 1 << 24) == .full)
    }

    @Test func fullDepthChangesNothing() {
        for index in UInt8.min...UInt8.max {
            let look = ColourDepth.full.look(Style(foreground: .indexed(index)))
            #expect(look == .init(foreground: Int(index), background: -1, attributes: []))
        }
    }

    @Test func sixteenTakesTheNearest() {
        let expected: [UInt8: Int] = [16: 0, 196: 9, 46: 10, 231: 15, 244: 8, 21: 4, 3: 3, 12: 12]
        for (index, nearest) in expected {
            #expect(
                ColourDepth.sixteen.look(Style(foreground: .indexed(index))).foreground == nearest,
                "\(index)")
        }
    }

    @Test func eightShowsBrightOnesBold() {
        let look = ColourDepth.eight.look(
            Style(foreground: .indexed(9), background: .indexed(12), attributes: .underline))
        #expect(look == .init(foreground: 1, background: 4, attributes: [.bold, .underline]))
    }

    @Test func noColoursLeaveTheAttributes() {
        let look = ColourDepth.none.look(
            Style(foreground: .indexed(9), background: .indexed(4), attributes: .reverse))
        #expect(look == .init(foreground: -1, background: -1, attributes: .reverse))
    }

    @Test func textStaysReadableWhereTwoColoursBecomeOne() {
        for depth in [ColourDepth.eight, .sixteen] {
            for foreground in UInt8(16)...255 {
                for background in stride(from: UInt8(16), to: 250, by: 13)
                where background != foreground {
                    let look = depth.look(
                        Style(foreground: .indexed(foreground), background: .indexed(background)))
                    #expect(look.foreground != look.background)
                }
            }
        }
    }
}

@Suite struct TerminalCommandTests {
    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar", "\u{0}é🦆"])
    func base64IsThatOfFoundation(_ text: String) {
        let encoded = String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self)
        #expect(encoded == Data(text.utf8).base64EncodedString())
        #expect(encoded.utf8.count == Base64.length(text.utf8.count))
    }

    @Test func tmuxIsToldTwice() throws {
        let bytes = try #require(TerminalCommands.copy("a", insideTmux: true))
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "\u{1B}]52;c;YQ==\u{07}\u{1B}Ptmux;\u{1B}\u{1B}]52;c;YQ==\u{07}\u{1B}\\")
    }

    @Test func longestClipboardIsCounted() {
        let longest = TerminalCommands.longestClipboard / 4 * 3
        #expect(
            TerminalCommands.copy(String(repeating: "x", count: longest), insideTmux: false) != nil)
        #expect(
            TerminalCommands.copy(String(repeating: "x", count: longest + 1), insideTmux: false)
                == nil)
    }

    @Test func titleCannotEscape() {
        #expect(TerminalCommands.title("a\u{1B}\\b\u{07}") == "\u{1B}]2;a␛\\b␇\u{1B}\\")
    }

    @Test func pictureLinesGoBelowEachOther() {
        let picture = FramePicture(
            key: "", rect: Rect(x: 2, y: 3, columns: 1, rows: 2), lines: [[0x61], [0x62]])
        #expect(
            String(decoding: TerminalCommands.picture(picture), as: UTF8.self)
                == "\u{1B}7\u{1B}[4;3Ha\u{1B}[5;3Hb\u{1B}8")
    }
}

@Suite struct TerminalTypeTests {
    @Test func oldNamesOfNewTerminals() {
        #expect(TerminalType.candidates(["TERM": "xterm"]) == ["xterm"])
        #expect(
            TerminalType.candidates(["TERM": "xterm", "COLORTERM": "truecolor"])
                == ["xterm-256color", "xterm"])
        #expect(
            TerminalType.candidates(["TERM": "screen", "TMUX": "/tmp/x"])
                == ["tmux-256color", "screen-256color", "screen"])
        #expect(TerminalType.candidates(["TERM": "screen"]) == ["screen"])
        #expect(
            TerminalType.candidates(["TERM": "linux", "COLORTERM": "truecolor"]) == ["linux"])
    }

    @Test func consolesAreAskedLittle() {
        #expect(Terminal.probe(environment: ["TERM": "linux"]) == "\u{1B}[c")
        #expect(Terminal.probe(environment: ["TERM": "screen"]) == "\u{1B}[c")
        #expect(Terminal.probe(environment: ["TERM": "screen", "TMUX": "x"]) == Terminal.probe)
        #expect(Terminal.probe.hasSuffix("\u{1B}[c"))
    }
}

@Suite struct SixelRasterTests {
    @Test(arguments: [
        "\u{1B}Pq\"1;1;480;312#0;2;0;0;0", "\u{1B}P0;1;0q\"1;1;480;312",
        "\u{1B}Ptmux;\u{1B}\u{1B}Pq\"1;1;480;312",
    ])
    func sizeIsRead(_ head: String) {
        #expect(SixelRaster.size(Array(head.utf8)) == PixelSize(width: 480, height: 312))
    }

    @Test(arguments: ["", "\u{1B}Pq#0~", "\u{1B}[38;2;1;2;3m▀\"1;1;4;4", "\u{1B}Pq\"1;1;0;6"])
    func otherBytesHaveNone(_ head: String) {
        #expect(SixelRaster.size(Array(head.utf8)) == nil)
    }
}

@Suite struct PlainCharactersTests {
    @Test func everyCharacterBecomesOneOfASCII() {
        let shown = "─│╭…●✓▸ é你█".unicodeScalars.map { PlainCharacters.ascii($0) }
        #expect(String(String.UnicodeScalarView(shown)) == "-|+.*v> ??#")
    }
}
