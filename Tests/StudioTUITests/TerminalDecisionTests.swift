import Testing

@testable import StudioTUI

@Suite struct ColourPolicyTests {
    @Test(arguments: [
        (["TERM": "xterm-256color"], true, false, ColourDepth.indexed256),
        (["TERM": "xterm-256color", "NO_COLOR": "1"], true, false, .none),
        (["TERM": "xterm-256color", "NO_COLOR": ""], true, false, .indexed256),
        (["TERM": "xterm-256color"], true, true, .none),
        (["TERM": "xterm-256color"], false, false, .none), (["TERM": "dumb"], true, false, .none),
        ([:], true, false, .none), (["TERM": "xterm"], true, false, .sixteen),
        (["TERM": "xterm", "COLORTERM": "truecolor"], true, false, .trueColour),
        (["TERM": "xterm", "XTERM_VERSION": "XTerm(379)"], true, false, .trueColour),
        (["TERM": "xterm", "XTERM_VERSION": "XTerm(300)"], true, false, .sixteen),
        (["TERM": "screen", "XTERM_VERSION": "XTerm(379)"], true, false, .sixteen),
    ])
    func depthFollowsTheFacts(
        _ environment: [String: String], _ isTerminal: Bool, _ off: Bool, _ depth: ColourDepth
    ) {
        let decision = ColourPolicy.decide(
            environment: environment, isTerminal: isTerminal, optionOff: off)
        #expect(decision.depth == depth)
        #expect(!decision.reason.isEmpty)
    }
}

@Suite struct ImageProtocolTests {
    private func facts(
        _ environment: [String: String], attributes: [Int]? = nil, isTerminal: Bool = true
    ) -> TerminalFacts {
        var report = TerminalReport()
        report.attributes = attributes ?? []
        return TerminalFacts(
            outputIsTerminal: isTerminal, environment: environment,
            report: attributes == nil ? nil : report)
    }

    @Test func theUsersWordWins() {
        let facts = facts(
            ["TERM": "xterm", "STUDIO_IMAGE_PROTOCOL": "16"], attributes: [4], isTerminal: false)
        #expect(ImageProtocolChoice.decide(facts).method == .sixteen)
    }

    @Test func anUnknownWishIsIgnoredAndSaidSo() {
        let choice = ImageProtocolChoice.decide(
            facts(["TERM": "xterm", "STUDIO_IMAGE_PROTOCOL": "gif"], attributes: [4]))
        #expect(choice.method == .sixel)
        #expect(choice.advice?.contains("sixel, blocks, 256, 16, none") == true)
    }

    @Test func sixelNeedsAttributeFour() {
        let yes = facts(["TERM": "xterm"], attributes: [1, 2, 4, 6])
        let no = facts(["TERM": "xterm-256color"], attributes: [1, 2, 6, 22])
        #expect(ImageProtocolChoice.decide(yes).method == .sixel)
        #expect(ImageProtocolChoice.decide(no).method == .indexed256)
    }

    @Test func pipesAndDumbTerminalsGetText() {
        #expect(
            ImageProtocolChoice.decide(facts(["TERM": "xterm"], isTerminal: false)).method == .card)
        #expect(
            ImageProtocolChoice.decide(facts(["TERM": "dumb"], attributes: [4])).method == .card)
    }

    @Test func halfBlocksNeedUTF8AndColour() {
        var facts = facts(["TERM": "xterm", "COLORTERM": "truecolor"], attributes: [])
        #expect(ImageProtocolChoice.decide(facts).method == .blocks)
        facts.isUTF8 = false
        #expect(ImageProtocolChoice.decide(facts).method == .card)
        facts.isUTF8 = true
        facts.colourIsOff = true
        #expect(ImageProtocolChoice.decide(facts).method == .card)
    }

    @Test(arguments: [
        (["LANG": "C.UTF-8"], true), (["LANG": "en_US.utf8"], true), (["LANG": "C"], false),
        (["LC_ALL": "POSIX", "LANG": "C.UTF-8"], false), ([:], true),
    ])
    func theLocaleTellsTheCharacterSet(_ environment: [String: String], _ isUTF8: Bool) {
        #expect(LocaleText.isUTF8(environment) == isUTF8)
    }
}

@Suite struct TerminalReportTests {
    @Test func answersOfASixelXtermAreRead() {
        let text = "\u{1B}[?1;0;1024S\u{1B}[?2;0;480;312S\u{1B}[?63;1;2;4;6;9;15;16;22;28c"
        let report = TerminalReport(parsing: Array(text.utf8))
        #expect(report.hasSixel)
        #expect(report.colourRegisters == 1024)
        #expect(report.areaWidth == 480)
        #expect(report.areaHeight == 312)
        #expect(TerminalReport.isComplete(Array(text.utf8)))
    }

    @Test func refusalsAndTypedKeysAreNoAnswers() {
        let text = "x\u{1B}[A\u{1B}[?1;3S\u{1B}[?2;3Sq\u{1B}[?64;1;2;6c"
        let report = TerminalReport(parsing: Array(text.utf8))
        #expect(!report.hasSixel)
        #expect(report.colourRegisters == nil)
        #expect(report.areaWidth == nil)
    }

    @Test(arguments: ["", "\u{1B}[", "\u{1B}[?63;1;4", "\u{1B}[A", "\u{1B}[4c"])
    func anUnfinishedAnswerIsWaitedFor(_ text: String) {
        #expect(!TerminalReport.isComplete(Array(text.utf8)))
    }

    /// A level of 64 must not be taken for attribute 4, nor a level of 4 for sixel.
    @Test func theFirstNumberIsTheLevel() {
        #expect(!TerminalReport(parsing: Array("\u{1B}[?4;6c".utf8)).hasSixel)
    }

    @Test func cellSizeIsRead() {
        let report = TerminalReport(parsing: Array("\u{1B}[6;17;8t\u{1B}[?1;2c".utf8))
        #expect(report.cellHeight == 17)
        #expect(report.cellWidth == 8)
    }
}
