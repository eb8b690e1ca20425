import Foundation
import PersonalCaption
import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct AppAskViewTests {
    static let sizes = [
        Size(columns: 60, rows: 16), Size(columns: 80, rows: 24), Size(columns: 120, rows: 36),
        Size(columns: 200, rows: 50),
    ]

    /// A query whose caption names one concept, forgets one and names a stranger.
    private func finished(_ size: Size) throws -> AppState {
        var state = AskFixture.ready(2, size: size)
        let job = try #require(Reducer.reduce(&state, .ask(.run(.usual))).jobs.first)
        let record = AskFixture.record(
            "<Milo> meets <Luna> here.", concepts: ["Milo", "Blue Mug"], library: ["Luna"])
        let answer = try AskFixture.answer(record)
        _ = Reducer.reduce(&state, .ask(.news(job.number, .finished(answer))))
        return state
    }

    @Test(arguments: sizes) func theEmptyScreenSaysWhatToDo(_ size: Size) {
        let screen = AskFixture.screen(AskFixture.state(size: size))
        #expect(screen.contains("No picture yet"))
        #expect(screen.contains("o opens a file"))
        #expect(screen.contains("a adds"))
    }

    @Test(arguments: sizes) func aFinishedCaptionTellsWhoWasNamed(_ size: Size) throws {
        let state = try finished(size)
        let screen = AskFixture.screen(state)
        for text in ["<Milo>", "✓ Milo", "○ Blue Mug not named", "✗ Luna does not belong"] {
            #expect(screen.contains(text), "\(text) is missing:\n\(screen)")
        }
        #expect(screen.contains("85.1 tok"))
    }

    @Test(arguments: sizes) func noRowIsWiderThanTheScreen(_ size: Size) throws {
        for row in AskFixture.rows(try finished(size)) {
            #expect(TerminalText.width(row) == size.columns)
        }
    }

    @Test(arguments: sizes) func theCursorIsOnWhatHasTheFocus(_ size: Size) throws {
        var state = try finished(size)
        let layout = AskLayout(state)
        for (focus, rect) in [
            (AskFocus.picture, layout.picture), (.slot(2), layout.slots[2]),
            (.question, layout.question), (.caption, layout.caption),
        ] {
            state.ask.focus = focus
            let cursor = AppView.draw(state, pictures: NoPictures()).frame.cursor
            #expect(
                cursor.map { rect.contains($0) } == true, "\(focus): \(String(describing: cursor))")
        }
    }

    @Test func namesHaveTheColourOfTheirSlotAndAnUnderlineWhileStreaming() throws {
        var state = AskFixture.ready(2)
        state.theme = .dark
        let job = try #require(Reducer.reduce(&state, .ask(.run(.usual))).jobs.first)
        for piece in ["A blue", " mu", "g and a Blue", " Mug, ", "says Milo", "."] {
            _ = Reducer.reduce(&state, .ask(.news(job.number, .text(piece, tokens: 1))))
        }
        let scene = AppView.draw(state, pictures: NoPictures())
        let text = AskLayout(state).text
        var found: [String: Style] = [:]
        let row = scene.frame.text(row: text.y)
        for name in ["blue mug", "Milo", "says"] {
            let range = try #require(row.range(of: name), "\(row)")
            let x = TerminalText.width(String(row[..<range.lowerBound]))
            found[name] = scene.frame[x, text.y].style
        }
        #expect(found["blue mug"] == Theme.dark.concept(1).adding(.underline))
        #expect(found["Milo"] == Theme.dark.concept(0).adding(.underline))
        #expect(found["says"] == Theme.dark.text)
    }

    @Test func wrongNamesAreMarkedAsMistakes() throws {
        var state = try finished(Size(columns: 120, rows: 36))
        state.theme = .dark
        #expect(AskFixture.style(of: "<Luna>", state) == Theme.dark.style(.bad))
        #expect(AskFixture.style(of: "<Milo>", state) == Theme.dark.style(.concept(0)))
    }

    @Test func beforeTheFirstTokenTheStageItsProgressAndTheTimeShow() throws {
        var state = AskFixture.ready(1)
        let job = try #require(Reducer.reduce(&state, .ask(.run(.usual))).jobs.first)
        #expect(AskFixture.screen(state).contains("waiting for the model"))
        state.now = state.now.advanced(by: .milliseconds(1300))
        _ = Reducer.reduce(
            &state, .ask(.news(job.number, .stage("reading the prompt", fraction: 0.5))))
        let screen = AskFixture.screen(state)
        #expect(screen.contains("reading the prompt"))
        #expect(screen.contains("50%"))
        #expect(screen.contains("1.3 s, Esc cancels"))
    }

    @Test func theQuestionIsShownAsTheModelWillReadIt() {
        var state = AskFixture.ready(2)
        _ = Reducer.reduce(&state, .ask(.setQuestion("Find {name}.")))
        #expect(AskFixture.screen(state).contains("Find <Milo> and <Blue Mug>."))
    }

    @Test func captionsCannotControlTheTerminal() throws {
        var state = AskFixture.ready(1)
        let job = try #require(Reducer.reduce(&state, .ask(.run(.usual))).jobs.first)
        _ = Reducer.reduce(&state, .ask(.news(job.number, .text("a\u{1B}[2Jb", tokens: 1))))
        #expect(AskFixture.screen(state).contains("a␛[2Jb"))
        let record = AskFixture.record("a\u{1B}[2Jb", concepts: ["Milo"])
        _ = Reducer.reduce(
            &state, .ask(.news(job.number, .finished(try AskFixture.answer(record)))))
        #expect(AskFixture.screen(state).contains("a␛[2Jb"))
    }

    @Test func aModelThatIsMissingIsSaidBeforeAnybodyAsks() {
        var state = AskFixture.state()
        state.ask.model = AskModel(name: "big", profile: .mini, problem: "big is not there")
        #expect(AskFixture.screen(state).contains("big is not there"))
    }
}

@Suite struct CaptionFlowTests {
    private func text(_ flow: CaptionFlow) -> [String] {
        flow.lines(0..<flow.count).map(\.text)
    }

    @Test(arguments: [1, 2, 7, 20, 80]) func wrapsAsPlainTextIsWrapped(_ columns: Int) {
        let words = [
            "A", "photo of <Milo>,", "averyveryverylongwordthatdoesnotfitanywhere", "日本語の字",
            "and", "x",
        ]
        let whole = (0..<40).map { words[$0 * 7 % words.count] }.joined(separator: " ")
        // A wide character does not fit into one column, whoever wraps it.
        let text = columns == 1 ? "a bc def" : whole
        #expect(
            self.text(CaptionFlow([TaggedText(text)], columns: columns))
                == TerminalText.wrapped(text, to: columns))
    }

    @Test func piecesGiveTheSameLinesAsTheWhole() {
        let text = "One two  three\n\nfour <Milo> five sixsevenandeight nine\nten"
        let whole = CaptionFlow([TaggedText(text)], columns: 9)
        for size in 1...5 {
            var flow = CaptionFlow(columns: 9)
            var rest = Substring(text)
            while !rest.isEmpty {
                flow.append([TaggedText(String(rest.prefix(size)))])
                rest = rest.dropFirst(size)
            }
            #expect(self.text(flow) == self.text(whole))
            #expect(flow.count == whole.count)
        }
    }

    @Test func namesKeepTheirRoleOverSpacesAndLineEnds() {
        let flow = CaptionFlow(
            [TaggedText("a "), TaggedText("Blue Mug", .concept(1)), TaggedText(" b")], columns: 8)
        let lines = flow.lines(0..<flow.count)
        #expect(lines.map(\.text) == ["a Blue", "Mug b"])
        #expect(lines[1].pieces.first == TaggedText("Mug", .concept(1)))
        let wide = CaptionFlow([TaggedText("Blue Mug", .concept(1))], columns: 20)
        #expect(wide.lines(0..<1).first?.pieces == [TaggedText("Blue Mug", .concept(1))])
    }

    @Test func tokensOfOneFrameBecomeOneParcel() {
        let start = ContinuousClock.now
        var batch = TokenBatch()
        func text(_ news: CaptionNews?) -> String? {
            if case .text(let text, let tokens)? = news { return "\(tokens) \(text)" }
            return nil
        }
        #expect(text(batch.add("a", at: start)) == "1 a")
        #expect(batch.add("b", at: start.advanced(by: .milliseconds(2))) == nil)
        #expect(text(batch.add("c", at: start.advanced(by: .milliseconds(20)))) == "2 bc")
        #expect(batch.add("d", at: start.advanced(by: .milliseconds(21))) == nil)
        #expect(text(batch.take(at: start.advanced(by: .milliseconds(22)))) == "1 d")
        #expect(batch.take(at: start.advanced(by: .milliseconds(22))) == nil)
    }
}
