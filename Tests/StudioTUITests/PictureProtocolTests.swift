import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct PictureProtocolTests {
    private func facts(_ environment: [String: String], attributes: [Int]? = []) -> TerminalFacts {
        var report = TerminalReport()
        report.attributes = attributes ?? []
        return TerminalFacts(
            outputIsTerminal: true, environment: environment,
            report: attributes == nil ? nil : report)
    }

    @Test func onAWholeScreenInkIsBetterThanWords() {
        var facts = facts(["TERM": "xterm", "LANG": "C"])
        facts.isUTF8 = false
        #expect(ImageProtocolChoice.decide(facts).method == .card)
        facts.isFullScreen = true
        #expect(ImageProtocolChoice.decide(facts).method == .ascii)
        facts.isUTF8 = true
        facts.colourIsOff = true
        #expect(ImageProtocolChoice.decide(facts).method == .ascii)
        facts.report?.attributes = [4]
        #expect(ImageProtocolChoice.decide(facts).method == .sixel)
    }

    @Test func theEnvironmentCountsMoreThanTheSettings() {
        var facts = facts(["TERM": "xterm"], attributes: [4])
        facts.wish = .blocks
        #expect(ImageProtocolChoice.decide(facts).method == .blocks)
        facts.environment[ImageProtocolChoice.variable] = "ascii"
        #expect(ImageProtocolChoice.decide(facts).method == .ascii)
    }

    @Test func tmuxIsPassedOnlyWhenAsked() {
        var facts = facts(["TERM": "tmux-256color", "TMUX": "/tmp/t,1,0"], attributes: [1, 2])
        facts.outerReport = TerminalReport()
        facts.outerReport?.attributes = [1, 4]
        #expect(ImageProtocolChoice.decide(facts).method == .indexed256)
        facts.passthrough = .auto
        let choice = ImageProtocolChoice.decide(facts)
        #expect(choice.method == .sixel && choice.passesTmux)
        #expect(PictureTerminal(facts, choice).passesTmux)
        facts.outerReport?.attributes = [1, 2]
        #expect(ImageProtocolChoice.decide(facts).method == .indexed256)
        facts.outerReport = nil
        #expect(ImageProtocolChoice.decide(facts).method == .indexed256)
        facts.passthrough = .on
        #expect(ImageProtocolChoice.decide(facts).passesTmux)
        // A tmux with sixel of its own keeps track of pictures itself.
        facts.report?.attributes = [1, 4]
        #expect(!ImageProtocolChoice.decide(facts).passesTmux)
        facts.environment["TMUX"] = nil
        facts.report?.attributes = [1, 2]
        #expect(ImageProtocolChoice.decide(facts).method != .sixel)
    }

    @Test func answersArriveOneByOne() {
        var facts = facts(["TERM": "xterm"], attributes: nil)
        let replies: [TerminalReply] = [
            .graphics([1, 0, 1024]), .graphics([2, 0, 480, 312]), .graphics([2, 0, 1000, 800]),
            .attributes([63, 1, 2, 4]), .background(red: 1, green: 1, blue: 0.5),
        ]
        for reply in replies {
            let isNews = facts.take(reply)
            #expect(isNews)
        }
        for reply in [TerminalReply.version("XTerm(379)"), .cursor(Point(x: 1, y: 1))] {
            let isNews = facts.take(reply)
            #expect(!isNews)
        }
        #expect(facts.report?.areaWidth == 480 && facts.report?.areaHeight == 312)
        #expect(facts.report?.maximumWidth == 1000 && facts.report?.maximumHeight == 800)
        let terminal = PictureTerminal(facts, ImageProtocolChoice.decide(facts))
        #expect(terminal.method == .sixel)
        #expect(terminal.registers == 256)
        #expect(terminal.maximumWidth == 1000 && terminal.maximumHeight == 800)
        #expect(terminal.background == PictureColour(255, 255, 128))
        #expect(terminal.isLight)
    }

    @Test func theNextRoundMeasuresAnew() {
        var report = TerminalReport()
        for width in [480, 960] {
            _ = report.take(.graphics([2, 0, width, 312]))
            _ = report.take(.graphics([2, 0, 1000, 1000]))
            _ = report.take(.attributes([4, 6]))
            #expect(!report.hasSixel)
            #expect(report.areaWidth == width && report.maximumWidth == 1000)
            report.forgetMeasures()
            #expect(report.areaWidth == nil)
        }
        // A refusal counts as the answer it stands for.
        _ = report.take(.graphics([2, 3]))
        _ = report.take(.graphics([2, 0, 700, 700]))
        #expect(report.areaWidth == nil && report.maximumWidth == 700)
    }

    @Test func bothSizesAreReadFromTheProbe() {
        let text = "\u{1B}[?1;0;16S\u{1B}[?2;0;480;312S\u{1B}[?2;0;900;800S\u{1B}[?63;1;2;4c"
        let report = TerminalReport(parsing: Array(text.utf8))
        #expect(report.areaWidth == 480 && report.areaHeight == 312)
        #expect(report.maximumWidth == 900 && report.maximumHeight == 800)
    }

    @Test func aLineIsKnownByItsVariables() {
        #expect(facts(["SSH_CONNECTION": "1 2 3 4"]).isRemote)
        #expect(!facts(["SSH_CONNECTION": ""]).isRemote)
        #expect(facts(["TMUX": "/tmp/x"]).isInTmux)
    }

    @Test(arguments: [
        (["TERM": "xterm"], false, 16), (["TERM": "xterm-256color"], false, 256),
        (["TERM": "xterm-256color"], true, 0),
    ])
    func cellsKnowTheirColours(_ environment: [String: String], _ isOff: Bool, _ colours: Int) {
        var facts = facts(environment)
        facts.colourIsOff = isOff
        #expect(PictureTerminal(facts, ImageProtocolChoice.decide(facts)).colours == colours)
    }
}
