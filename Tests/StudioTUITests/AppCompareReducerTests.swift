import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import Testing

@testable import StudioTUI

/// The screen Compare as a function: actions in, state and effects out.
@Suite struct AppCompareReducerTests {
    let fixture: CompareFixture

    init() throws { fixture = try CompareFixture() }

    private func loads(_ effects: [Effect]) -> [(CompareSide, Int64)] {
        effects.compactMap {
            if case .compare(.load(let side, let id)) = $0 { return (side, id) }
            return nil
        }
    }

    private func addedVote(_ effects: [Effect]) -> CompareVote? {
        for case .compare(.addVote(let vote)) in effects { return vote }
        return nil
    }

    @Test func captionsGoLeftThenRightThenAsk() throws {
        var state = fixture.state()
        state.screen = .history
        #expect(loads(Reducer.reduce(&state, .compare(.add(7)))).map(\.0) == [.left])
        #expect(state.screen == .history)
        #expect(state.toasts.shown.last?.text.contains("on the left of Compare") == true)
        #expect(loads(Reducer.reduce(&state, .compare(.add(7)))).isEmpty)
        #expect(state.toasts.shown.last?.text.contains("already") == true)
        #expect(loads(Reducer.reduce(&state, .compare(.add(8)))).map(\.0) == [.right])
        #expect(state.screen == .compare)
        #expect(loads(Reducer.reduce(&state, .compare(.add(9)))).isEmpty)
        #expect(state.text.contains("replace which?"))
        let effects = Reducer.reduce(&state, .input(.key(Key(.enter))))
        #expect(loads(effects).map(\.1) == [9])
        #expect(state.compare[.left].captionID == 9)
        _ = Reducer.reduce(&state, .compare(.pair(1, 2)))
        #expect(state.compare[.left].captionID == 1 && state.compare[.right].captionID == 2)
    }

    @Test func aLateAnswerForAnotherCaptionIsIgnored() throws {
        let record = try fixture.add("one")
        var state = fixture.state()
        _ = Reducer.reduce(&state, .compare(.put(.left, record.id)))
        _ = Reducer.reduce(&state, .compare(.put(.left, 99)))
        _ = Reducer.reduce(&state, .compare(.loaded(.left, record.id, fixture.loaded(record))))
        #expect(state.compare[.left].caption == nil)
        _ = Reducer.reduce(&state, .compare(.missing(.left, 99, "caption 99 is gone")))
        #expect(state.text.contains("caption 99 is gone"))
    }

    @Test func factsNameWhatDiffers() throws {
        let left = try fixture.add("a <Milo>", temperature: 0.7, seed: 3)
        let right = try fixture.add(
            "a <Milo> and <Bruna>", model: "big", adapter: "pets", question: "Who is it?")
        let pair = try #require(
            ComparePair(left: fixture.loaded(left), right: fixture.loaded(right)))
        func fact(_ label: String) -> CompareFact? { pair.facts.first { $0.label == label } }
        #expect(fact("named")?.right == "Milo, Bruna")
        #expect(fact("unnamed")?.left == "Bruna")
        #expect(fact("model")?.differs == true)
        #expect(fact("adapter")?.left == "none")
        #expect(fact("seed")?.left == "3")
        #expect(fact("speed")?.left == "51.5 tokens/s")
        #expect(fact("first token")?.left == "0.42 s")
        #expect(fact("temperature")?.left == "0.7")
        #expect(fact("temperature")?.right == "0")
        // What is alike need not be said.
        #expect(fact("top k") == nil)
        #expect(fact("question")?.right == "Who is it?")
        #expect(pair.warning == "these captions answer different questions")
    }

    @Test func differentPicturesAreWarnedOf() throws {
        let left = try fixture.add("one", red: 10)
        let right = try fixture.add("two", red: 99)
        let state = fixture.state(left, right)
        #expect(state.text.contains("! these captions are of different pictures"))
        #expect(state.text.contains("Picture A") && state.text.contains("Picture B"))
        let same = fixture.state(left, try fixture.add("three", red: 10))
        #expect(!same.text.contains("!"))
    }

    @Test func differencesHaveSigns() throws {
        let left = try fixture.add("<Milo> sits on a red chair.")
        let right = try fixture.add("<Milo> stands on a red chair.")
        var state = fixture.state(left, right)
        #expect(state.text.contains("-sits on a red chair."))
        #expect(state.text.contains("+stands on a red chair."))
        _ = Reducer.reduce(&state, .input(.key(.character("v"))))
        #expect(!state.text.contains("-sits") && state.text.contains(" sits on"))
    }

    @Test func aBlindRoundHidesWhichIsWhich() throws {
        let left = try fixture.add("first words", model: "alpha")
        let right = try fixture.add("second words", model: "omega")
        var orders: Set<Bool> = []
        for seed in 0..<20 as Range<UInt64> {
            var state = fixture.state(left, right)
            state.compare.seed = seed
            _ = Reducer.reduce(&state, .input(.key(.character("B"))))
            #expect(state.compare.isHidden)
            let text = state.text
            #expect(!text.contains("alpha") && !text.contains("omega"))
            #expect(!text.contains("Left") && !text.contains("#\(left.id)"))
            // Signs belong to the columns, or they would tell.
            #expect(text.contains("-first") || text.contains("-second"))
            #expect(text.contains("+first") == text.contains("-second"))
            #expect(text.contains("-first") != (state.compare.blind?.isSwapped == true))
            #expect(!text.contains("tokens/s") && text.contains("the rest after the vote"))
            let row = try #require(state.rows.first { $0.contains("first") })
            let isSwapped =
                try #require(row.range(of: "second")).lowerBound
                < (try #require(row.range(of: "first"))).lowerBound
            #expect(isSwapped == state.compare.blind?.isSwapped)
            orders.insert(isSwapped)
            // The same seed gives the same order again.
            var again = fixture.state(left, right)
            again.compare.seed = seed
            _ = Reducer.reduce(&again, .compare(.toggleBlind))
            #expect(again.compare.blind == state.compare.blind)
        }
        #expect(orders == [true, false])
    }

    @Test(arguments: [true, false])
    func aVoteCountsForTheCaptionThatWasSeen(isSwapped: Bool) throws {
        let left = try fixture.add("first", model: "alpha")
        let right = try fixture.add("second", model: "omega")
        var state = fixture.state(left, right)
        state.compare.blind = BlindRound(isSwapped: isSwapped)
        let vote = addedVote(Reducer.reduce(&state, .input(.key(Key(.left)))))
        #expect(vote?.winner == (isSwapped ? .right : .left))
        #expect(vote?.left.caption == left.id && vote?.right.writer.model == "omega")
        #expect(!state.compare.isHidden)
        let winner = isSwapped ? "omega" : "alpha"
        #expect(state.text.contains("You chose A") && state.text.contains("by \(winner)"))
        // A second press is no second vote, only movement.
        #expect(addedVote(Reducer.reduce(&state, .input(.key(Key(.left))))) == nil)
        let effects = Reducer.reduce(&state, .input(.key(.character("u"))))
        #expect(
            effects.contains {
                if case .compare(.removeVote(left.id, right.id)) = $0 { return true }
                return false
            })
        #expect(state.compare.isHidden)
        #expect(
            addedVote(Reducer.reduce(&state, .input(.key(.character("0")))))?.winner == .neither)
    }

    @Test func nothingTellsWhileHidden() throws {
        var state = fixture.state(try fixture.add("a"), try fixture.add("b"))
        _ = Reducer.reduce(&state, .compare(.toggleBlind))
        for id in ["compare.export", "compare.copy", "compare.choose", "compare.swap"] {
            let command = try #require(state.keymap.command(CommandID(id)))
            #expect(!command.availability(state).isReady, "\(id)")
        }
        _ = Reducer.reduce(&state, .input(.key(Key(.escape))))
        #expect(state.compare.blind == nil)
        // A new pair is hidden too while a round is on.
        _ = Reducer.reduce(&state, .compare(.toggleBlind))
        _ = Reducer.reduce(&state, .compare(.vote(nil)))
        _ = Reducer.reduce(&state, .compare(.put(.left, 77)))
        #expect(state.compare.isHidden)
    }

    @Test func votesAreCountedByWriterInEitherOrder() throws {
        let alpha = try fixture.add("a", model: "alpha")
        let omega = try fixture.add("b", model: "omega")
        let other = try fixture.add("c", model: "alpha")
        func vote(
            _ left: ConceptDB.CaptionRecord, _ right: ConceptDB.CaptionRecord,
            _ winner: CompareVerdict
        ) -> CompareVote {
            CompareVote(left: .init(left), right: .init(right), winner: winner)
        }
        let votes = CompareVotes(votes: [
            vote(alpha, omega, .left), vote(omega, alpha, .right), vote(other, omega, .left),
            vote(omega, other, .left), vote(alpha, omega, .neither), vote(alpha, other, .left),
        ])
        #expect(
            votes.tally(.init(alpha), .init(omega)) == .init(left: 3, right: 1, ties: 1))
        #expect(
            votes.tally(.init(omega), .init(alpha)) == .init(left: 1, right: 3, ties: 1))
        // One model on both sides: only these two captions count.
        #expect(votes.tally(.init(other), .init(alpha)) == .init(left: 0, right: 1, ties: 0))
        #expect(
            votes.summary == [
                "alpha: 3 wins, 1 loss, 1 tie", "omega: 1 win, 3 losses, 1 tie",
                "1 vote between captions of one and the same model",
            ])
    }

    @Test func namesKeepTheirColoursOnBothSides() throws {
        let left = try fixture.add("<Milo> and <Bruna>", concepts: ["Milo", "Bruna"])
        let right = try fixture.add("<Bruna> and <Milo>", concepts: ["Bruna", "Milo"])
        let pair = try #require(
            ComparePair(left: fixture.loaded(left), right: fixture.loaded(right)))
        func slots(_ caption: CompareCaption) -> [String: Int] {
            let pieces = MarkedText(caption, runs: nil, names: pair.names).lines(80).flatMap { $0 }
            return Dictionary(
                pieces.compactMap { piece in piece.look.name.map { (piece.text, $0) } },
                uniquingKeysWith: { first, _ in first })
        }
        #expect(slots(pair.left) == ["Milo": 0, "Bruna": 1])
        #expect(slots(pair.right) == ["Milo": 0, "Bruna": 1])
    }

    @Test func strangersInACaptionAreMarked() throws {
        let record = try fixture.add("<Otto> and <Zora> with <Milo>")
        let lines = MarkedText(fixture.loaded(record), runs: nil, names: ["Milo"]).lines(80)
        let wrong = lines.flatMap { $0 }.filter(\.look.isWrong).map(\.text)
        #expect(wrong == ["Otto", "Zora"])
    }

    @Test func linesBreakAtSpacesAndControlCharactersAreShown() throws {
        let record = try fixture.add("one two three\nfour \u{1B}[31mfive 猫猫猫猫猫猫猫")
        let lines = MarkedText(fixture.loaded(record), runs: nil, names: []).lines(9)
        let text = lines.map { $0.map(\.text).joined() }
        #expect(text[0] == "one two")
        #expect(text[1] == "three")
        #expect(text[2].hasPrefix("four"))
        #expect(text.allSatisfy { TerminalText.width($0) <= 9 })
        #expect(!text.joined().contains("\u{1B}"))
        #expect(text.joined().filter { $0 == "猫" }.count == 7)
    }

    @Test func markdownKeepsTheWordsAndEscapesTheRest() throws {
        let left = try fixture.add("<Milo> *sits* | on a chair")
        let right = try fixture.add("<Milo> lies on a chair")
        let pair = try #require(
            ComparePair(left: fixture.loaded(left), right: fixture.loaded(right)))
        let vote = CompareVote(left: .init(left), right: .init(right), winner: .left)
        let text = CompareMarkdown.text(pair, votes: CompareVotes(votes: [vote]))
        #expect(text.contains("> \\<Milo\\> \\*sits\\* \\| on a chair"))
        #expect(text.contains("~~\\*sits\\* \\|~~") && text.contains("**lies**"))
        #expect(text.contains("| model | mini | mini |"))
        #expect(text.contains("left 1, right 0, neither 0"))
        #expect(text.contains("![query picture](<"))
        #expect(!text.contains("**Note:**"))
    }

    @Test(arguments: [(60, 16), (80, 24), (120, 36), (200, 50)])
    func everySizeShowsBothCaptions(columns: Int, rows: Int) throws {
        let size = Size(columns: columns, rows: rows)
        #expect(fixture.state(size: size).text.contains("Press C on a caption in Ask or History"))
        let left = try fixture.add("<Milo> sits here.")
        let right = try fixture.add("<Bruna> lies there.")
        var state = fixture.state(left, right, size: size)
        let text = state.text
        #expect(text.contains("<Milo>") && text.contains("<Bruna>"))
        #expect(text.contains("Left #\(left.id)") && text.contains("Right #\(right.id)"))
        #expect(text.contains("named") && text.contains("unnamed"))
        #expect(text.contains("query-200.png"))
        // The rest can be reached by scrolling.
        _ = Reducer.reduce(&state, .input(.key(.character("G"))))
        #expect(state.text.contains("made"))
        _ = Reducer.reduce(&state, .input(.key(.character("g"))))
        _ = Reducer.reduce(&state, .input(.key(.character("g"))))
        #expect(state.compare.scroll == 0)
        _ = Reducer.reduce(&state, .compare(.toggleBlind))
        #expect(state.text.contains("Which is better?"))
    }
}
