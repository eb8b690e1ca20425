import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct AppHistoryReducerTests {
    private func reduce(_ state: inout AppState, _ action: HistoryAction) -> [Effect] {
        Reducer.reduce(&state, .history(action))
    }

    private func press(_ state: inout AppState, _ keys: String...) throws -> [Effect] {
        var effects: [Effect] = []
        for text in keys {
            for key in try KeySequence(parsing: text).keys {
                effects += Reducer.reduce(&state, .input(.key(key)))
            }
        }
        return effects
    }

    /// The screen with so many captions listed, nothing of them read.
    private func state(_ count: Int, size: Size = Size(columns: 120, rows: 36)) -> AppState {
        var state = AskFixture.state(size: size)
        _ = Reducer.reduce(&state, .show(.history))
        _ = reduce(&state, .listed((0..<count).map { Int64(count - $0) }))
        return state
    }

    private func asked(_ effects: [Effect]) -> [Int64] {
        effects.flatMap { effect -> [Int64] in
            if case .history(.read(let ids)) = effect { return ids }
            return []
        }
    }

    @Test func fiftyThousandCaptionsAreReadPageByPage() throws {
        var state = AskFixture.state()
        _ = Reducer.reduce(&state, .show(.history))
        let ids = (0..<50_000).map { Int64(50_000 - $0) }
        let first = asked(reduce(&state, .listed(ids)))
        #expect(first.first == 50_000)
        #expect(first.count < 100)
        let last = asked(try press(&state, "G"))
        #expect(last.last == 1)
        #expect(last.count < 100)
        #expect(asked(try press(&state, "k")).isEmpty, "they are on their way already")
        #expect(state.history.position.cursor == 49_998)
    }

    @Test func theCursorStaysOnItsCaptionWhenNewOnesCome() throws {
        var state = state(5)
        _ = try press(&state, "j")
        #expect(state.history.currentID == 4)
        _ = reduce(&state, .listed([6, 5, 4, 3, 2, 1]))
        #expect(state.history.currentID == 4)
        _ = reduce(&state, .listed([6, 5, 3, 2, 1]))
        #expect(state.history.currentID == 3, "what was below takes the place of what is gone")
    }

    @Test func spaceSelectsAndTheListSaysSo() throws {
        var state = state(4)
        _ = try press(&state, "space", "space")
        #expect(state.history.chosen == [4, 3])
        #expect(HistoryScreen.statusLine(state).contains("2 selected"))
        let effects = try press(&state, "d")
        guard case .edit(.trashCaptions([4, 3]), .user)? = effects.last else {
            Issue.record("nothing was removed: \(effects)")
            return
        }
        #expect(state.history.selection.isEmpty)
        _ = try press(&state, "ctrl-a")
        #expect(state.history.selection.count == 4)
        _ = try press(&state, "esc")
        #expect(state.history.selection.isEmpty)
    }

    @Test func comparingTakesTwoAtMost() throws {
        var state = state(4)
        _ = try press(&state, "space", "space", "space", "C")
        #expect(state.toasts.shown.last?.text.contains("at most two") == true)
        #expect(state.screen == .history)
        _ = try press(&state, "k", "space", "C")
        #expect(state.screen == .compare)
    }

    @Test func oneSearchRunsAtATimeAndTheLastTextWins() throws {
        let library = try TemporaryFolder()
        let names = try HistorySearch(
            ConceptStore(directory: library.url.appendingPathComponent("library")))
        var state = state(4)
        _ = try press(&state, "j", "j", "/")
        let first = Reducer.reduce(&state, .input(.key(.character("m"))))
        let second = Reducer.reduce(&state, .input(.key(.character("i"))))
        guard case .history(.search("m", nil))? = first.last else {
            Issue.record("nothing was searched")
            return
        }
        #expect(second.isEmpty)
        let next = reduce(&state, .found("m", [4, 3, 2], names))
        guard case .history(.search("mi", _?))? = next.last else {
            Issue.record("the longer text was not searched for")
            return
        }
        _ = reduce(&state, .found("mi", [3], names))
        #expect(state.history.listed == [3])
        _ = try press(&state, "esc")
        #expect(state.history.listed == [4, 3, 2, 1])
        #expect(state.history.currentID == 2, "back where the list stood before")
        #expect(state.history.focus == .list)
    }

    @Test func anExistingFileIsOnlyReplacedOnDemand() throws {
        var state = state(2)
        let request = HistoryExportRequest(
            captions: [2, 1], path: "/nowhere/history.md", format: .markdown)
        _ = reduce(&state, .exportExists(request))
        #expect(AskFixture.screen(state).contains("is there already"))
        #expect(try press(&state, "enter").isEmpty, "No is the default")
        _ = reduce(&state, .exportExists(request))
        let effects = try press(&state, "y")
        guard case .history(.export(let agreed))? = effects.first else {
            Issue.record("nothing was exported: \(effects)")
            return
        }
        #expect(agreed.replaces)
    }

    @Test func anEmptyHistorySaysHowToFillIt() {
        for size in AppAskViewTests.sizes {
            let screen = AskFixture.screen(state(0, size: size))
            #expect(screen.contains("No captions yet"))
            #expect(screen.contains("2 goes to Ask"))
        }
    }

    @Test func datesAreShort() {
        let zone = TimeZone(secondsFromGMT: 3600) ?? .gmt
        let now = Date(timeIntervalSince1970: 1_780_000_000)
        func text(_ seconds: Double) -> String {
            HistoryDate.text(
                Timestamp(Date(timeIntervalSince1970: seconds)), now: now, in: zone)
        }
        #expect(text(1_780_000_000) == "today 21:26")
        #expect(text(1_780_000_000 - 86_400) == "27 May 21:26")
        #expect(text(1_700_000_000) == "14 Nov 2023")
    }
}

/// The screen History with a real library.
@Suite struct AppHistoryEffectTests {
    private struct Setting {
        let folder: TemporaryFolder
        let store: ConceptStore
        let milo: Concept
        let otto: Concept
        let picture: String

        init() throws {
            folder = try TemporaryFolder()
            let home = StudioHome(directory: folder.url)
            store = try ConceptStore(directory: home.library, thumbnails: home.thumbnails)
            picture = try folder.picture("harbour.png")
            milo = try store.add(
                NewConcept(name: "Milo"), images: [.file(URL(fileURLWithPath: picture))])
            otto = try store.add(
                NewConcept(name: "Otto"), images: [.file(URL(fileURLWithPath: picture))])
        }

        func add(_ text: String, _ concepts: [Concept], to picture: String? = nil) throws {
            let record = AskFixture.record(text, concepts: concepts.map(\.name), seed: 7)
            _ = try store.addCaption(
                NewCaption(
                    record, image: .file(URL(fileURLWithPath: picture ?? self.picture)),
                    concepts: concepts,
                    modelFolder: URL(fileURLWithPath: TestStudio.samples + "/mini")))
        }

        func robot(size: Size = Size(columns: 120, rows: 36)) throws -> AppRobot {
            let robot = AppRobot(home: folder.url, size: size)
            try robot.wait(for: "the library") { $0.core.state.library.phase == .ready }
            try robot.press("5")
            try robot.wait(for: "the history") { $0.core.state.history.phase == .ready }
            return robot
        }
    }

    @Test(arguments: AppAskViewTests.sizes)
    func theListAndThePreviewShowWhatWasMade(_ size: Size) throws {
        let setting = try Setting()
        try setting.add("<Milo> sails past <Otto>.", [setting.milo])
        let robot = try setting.robot(size: size)
        try robot.wait(forText: "harbour.png")
        for text in ["today", "Milo", "sails past", "✓ Milo", "✗ Otto"] {
            #expect(robot.screen.contains(text), "\(text) is missing:\n\(robot.screen)")
        }
    }

    @Test func theFilterFindsNamesLooselyAndWordsExactly() throws {
        let setting = try Setting()
        try setting.add("A photo of <Milo> by the sea.", [setting.milo])
        try setting.add("A photo of <Otto> in a garden.", [setting.otto])
        let robot = try setting.robot()
        try robot.press("/")
        robot.type("mlo")
        try robot.wait(for: "Milo's caption") { $0.core.state.history.listed == [1] }
        try robot.press("esc", "/")
        robot.type("garden")
        try robot.wait(for: "the garden") { $0.core.state.history.listed == [2] }
        robot.type("zzz")
        try robot.wait(forText: "nothing fits")
    }

    @Test func removedCaptionsComeBack() throws {
        let setting = try Setting()
        try setting.add("One.", [])
        try setting.add("Two.", [])
        let robot = try setting.robot()
        try robot.press("d")
        try robot.wait(for: "one caption") { $0.core.state.history.all == [1] }
        try robot.press("u")
        try robot.wait(for: "both captions") { $0.core.state.history.all == [2, 1] }
    }

    @Test func exportsWhatTheCommandExports() throws {
        let setting = try Setting()
        try setting.add("One.", [setting.milo])
        try setting.add("Two.", [])
        let robot = try setting.robot()
        let file = setting.folder.path("captions.json")
        for (count, format) in [HistoryFormat.json, .markdown].enumerated() {
            let request = HistoryExportRequest(
                captions: [2, 1], path: file, format: format, replaces: format == .markdown)
            robot.core.dispatch(.history(.export(request)))
            try robot.wait(for: "the export") {
                $0.core.state.tasks.all.filter { $0.outcome == .done }.count == count + 1
            }
            let written = try String(contentsOfFile: file, encoding: .utf8)
            let expected = try HistoryText.text(
                setting.store.captions(CaptionQuery()).captions, format)
            #expect(written == expected)
        }
        #expect(robot.screen.contains("wrote 2 captions"))
        robot.core.dispatch(
            .history(
                .export(HistoryExportRequest(captions: [1], path: file, format: .json))))
        try robot.wait(forText: "is there already")
    }

    @Test func whatHasChangedSinceIsSaid() throws {
        let setting = try Setting()
        let other = try setting.folder.picture("gone.png", red: 10)
        try setting.add("<Milo> and <Otto>.", [setting.milo, setting.otto], to: other)
        _ = try setting.store.rename(setting.milo.id, to: "Milo Junior")
        _ = try setting.store.remove([setting.otto.id])
        let record = try setting.store.caption(id: 1)
        let restoring = AskRestoring(
            store: setting.store, places: AskFixture.places(setting.folder.url))
        let restored = try restoring.restoration(of: record, isRepeated: false)
        #expect(restored.concepts == [setting.milo.id])
        #expect(restored.modelWish == nil)
        let changes = restored.changes.joined(separator: "\n")
        #expect(changes.contains("Milo is called Milo Junior now"))
        #expect(changes.contains("Otto is in the trash"))

        // The copy is gone: the original serves; without both it is said.
        let copy = try #require(setting.store.url(of: record.image))
        try FileManager.default.removeItem(at: copy)
        #expect(HistoryPicture.find(record.image, in: setting.store)?.isOriginal == true)
        try FileManager.default.removeItem(atPath: other)
        let lost = try restoring.restoration(of: record, isRepeated: true)
        #expect(lost.picture == nil)
        #expect(lost.changes.joined().contains("nowhere any more"))
        let robot = try setting.robot()
        try robot.wait(forText: "The picture is missing")
    }

    @Test func theOldSamplingComesBack() throws {
        let setting = try Setting()
        var record = AskFixture.record("One.", concepts: [], seed: 41)
        record.sampling.temperature = 0.7
        record.sampling.maxTokens = 33
        _ = try setting.store.addCaption(
            NewCaption(
                record, image: .file(URL(fileURLWithPath: setting.picture)), concepts: [],
                modelFolder: URL(fileURLWithPath: "/nowhere/model")))
        let robot = try setting.robot()
        try robot.press("enter")
        try robot.wait(for: "the query") { $0.core.state.screen == .ask }
        let sampling = robot.core.state.ask.sampling
        #expect(sampling.temperature == 0.7)
        #expect(sampling.maximumTokens == 33)
        #expect(sampling.seed == 41)
        #expect(robot.core.state.toasts.lastProblem?.contains("model") == true)
    }
}
