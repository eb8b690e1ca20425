import ConceptDB
import Foundation
import ImageCodecs
import TerminalUI
import Testing

@testable import StudioTUI

/// The screen Compose as a function: actions in, state and effects out.
@Suite struct AppComposeReducerTests {
    let fixture: ComposeFixture

    init() throws { fixture = try ComposeFixture() }

    private var ids: [Int64] { fixture.concepts.map(\.id) }

    /// Places concepts and answers the effects of loading with small pictures.
    private func placed(_ count: Int, _ state: inout AppState) -> [Effect] {
        var effects = state.compose(.place(Array(ids.prefix(count))))
        for piece in state.compose.scene.pieces {
            effects += state.compose(
                .pictureLoaded(
                    sha256: piece.picture.sha256,
                    .ready(ComposeFixture.cutOut(width: 20, height: 20, red: 9))))
        }
        return effects
    }

    private func jobs(_ effects: [Effect]) -> [ComposePreviewJob] {
        effects.compactMap {
            if case .compose(.render(let job)) = $0 { return job }
            return nil
        }
    }

    @Test func placingLoadsThePictureOnceAndSelectsThePiece() throws {
        var state = fixture.state()
        let effects = state.compose(.place([ids[0]]))
        let loads = effects.filter {
            if case .compose(.loadPicture) = $0 { return true }
            return false
        }
        #expect(loads.count == 1)
        #expect(state.compose.selectedPiece?.name == "Milo")
        #expect(state.compose.selectedPiece?.slot == 0)
        let again = state.compose(.edit(.flip))
        #expect(
            !again.contains {
                if case .compose(.loadPicture) = $0 { return true }
                return false
            })
    }

    @Test func aFifthConceptAndTheSameTwiceAreRefused() {
        var state = fixture.state()
        _ = state.compose(.place(ids))
        #expect(state.compose.scene.pieces.count == 4)
        #expect(state.toasts.shown.last?.text == "a picture can have at most 4 concepts")
        _ = state.compose(.remove)
        _ = state.compose(.place([ids[0]]))
        #expect(state.compose.scene.pieces.count == 3)
        #expect(state.toasts.shown.last?.text == "Milo is in the picture already")
    }

    @Test func aFreedNumberIsGivenAgain() {
        var state = fixture.state()
        _ = state.compose(.place(Array(ids.prefix(3))))
        _ = state.compose(.select(state.compose.scene.pieces[1].id))
        _ = state.compose(.remove)
        _ = state.compose(.place([ids[3]]))
        #expect(state.compose.scene.bySlot.map(\.name) == ["Milo", "Wanda", "Pico"])
        #expect(Set(state.compose.scene.pieces.map(\.id)).count == 3)
    }

    @Test func onePreviewAtATimeAndTheNewestWins() throws {
        var state = fixture.state()
        let first = try #require(jobs(placed(1, &state)).first)
        var effects: [Effect] = []
        for _ in 0..<10 { effects += state.compose(.edit(.move(x: 0.01, y: 0))) }
        #expect(jobs(effects).isEmpty)
        let next = jobs(state.compose(.rendered(ComposePreview.make(first))))
        #expect(next.count == 1)
        #expect(next.first?.revision == state.compose.revision)
        let last = try #require(next.first)
        #expect(jobs(state.compose(.rendered(ComposePreview.make(last)))).isEmpty)
        #expect(state.compose.preview?.revision == state.compose.revision)
        #expect(jobs(ComposeScreen.entered(&state)).isEmpty)
    }

    @Test func undoAndRedoWorkOnThePictureFirst() throws {
        var state = fixture.state()
        _ = state.compose(.place([ids[0]]))
        let before = state.compose.scene
        _ = state.compose(.edit(.flip))
        let after = state.compose.scene
        _ = Reducer.reduce(&state, .input(.key(.character("u"))))
        #expect(state.compose.scene == before)
        _ = Reducer.reduce(&state, .input(.key(.control("r"))))
        #expect(state.compose.scene == after)
        _ = Reducer.reduce(&state, .input(.key(.character("u"))))
        _ = Reducer.reduce(&state, .input(.key(.character("u"))))
        #expect(state.compose.scene.pieces.isEmpty)
        #expect(state.compose.selected == nil)
        // With nothing left here the library is next.
        state.undo.record(UndoStep(title: "x", inverse: .trash([1])))
        let effects = Reducer.reduce(&state, .input(.key(.character("u"))))
        #expect(
            effects.contains {
                if case .edit(.trash([1]), .undo) = $0 { return true }
                return false
            })
    }

    @Test func keysMoveScaleAndTurn() throws {
        var state = fixture.state()
        _ = placed(1, &state)
        let start = try #require(state.compose.selectedPiece)
        func press(_ key: Key) { _ = Reducer.reduce(&state, .input(.key(key))) }
        press(.character("l"))
        press(Key(.down))
        press(.character("H"))
        press(Key(.right, .shift))
        press(.character("+"))
        press(.character("r"))
        let now = try #require(state.compose.selectedPiece)
        #expect(abs(now.x - start.x - ComposeEdit.step) < 1e-9)
        #expect(abs(now.y - start.y - ComposeEdit.step) < 1e-9)
        #expect(abs(now.width / start.width - ComposeEdit.growth) < 1e-9)
        #expect(now.rotation == 15)
    }

    @Test func tabGoesThroughThePiecesFromFrontToBack() {
        var state = fixture.state()
        _ = state.compose(.place(Array(ids.prefix(3))))
        var names: [String] = []
        for _ in 0..<3 {
            names.append(state.compose.selectedPiece?.name ?? "")
            _ = Reducer.reduce(&state, .input(.key(Key(.tab))))
        }
        #expect(names == ["Pico", "Bruna", "Milo"])
        #expect(state.compose.selectedPiece?.name == "Pico")
        _ = Reducer.reduce(&state, .input(.key(Key(.escape))))
        #expect(state.compose.selected == nil)
    }

    @Test func draggingKeepsTheGripAndIsOneStepOfUndo() throws {
        var state = fixture.state()
        _ = placed(1, &state)
        let start = try #require(state.compose.selectedPiece)
        _ = state.compose(.drag(.began, x: start.x + 0.1, y: start.y))
        for step in 1...5 {
            _ = state.compose(.drag(.moved, x: start.x + 0.1 + 0.02 * Double(step), y: start.y))
        }
        _ = state.compose(.drag(.ended, x: 0, y: 0))
        let now = try #require(state.compose.selectedPiece)
        #expect(abs(now.x - start.x - 0.1) < 1e-9)
        _ = state.compose(.undo)
        #expect(state.compose.selectedPiece?.x == start.x)
        // Beside every piece nothing is dragged.
        _ = state.compose(.drag(.began, x: 0.99, y: 0.01))
        #expect(state.compose.drag == nil)
    }

    @Test func backgroundPictureDecidesTheSizeAndCanBeUndone() throws {
        var state = fixture.state()
        let url = URL(fileURLWithPath: "/pictures/sea.png")
        let picture = ComposePicture.ready(
            RGBAImage(width: 4, height: 2, pixels: Array(repeating: 9, count: 32)))
        let area = PixelArea(width: 400, height: 200)
        let effects = state.compose(.backgroundLoaded(url, area, picture, isChosen: true))
        #expect(state.compose.scene.canvas == area)
        #expect(jobs(effects).first?.area == PixelArea(width: 4, height: 2))
        _ = state.compose(.undo)
        #expect(state.compose.scene.canvas == .square)
        _ = state.compose(
            .backgroundLoaded(url, area, .failed("no picture"), isChosen: true))
        #expect(state.compose.scene.background == .plain("sky"))
        #expect(state.toasts.shown.last?.text == "no picture")
    }

    @Test func commandsSayWhyTheyCannotRun() {
        var state = fixture.state()
        func refusal(_ id: CommandID) -> String? {
            guard let command = state.keymap.command(id),
                case .refused(let reason) = command.availability(state)
            else { return nil }
            return reason
        }
        #expect(refusal("compose.save") == "place a concept first")
        #expect(refusal("compose.undo") == "nothing to undo")
        #expect(refusal("compose.add") == nil)
        _ = placed(2, &state)
        #expect(refusal("compose.picture") == "the concept has only one picture")
        state.compose.preview = ComposePreview(
            revision: 0, image: RGBImageBox(RGBImage(width: 1, height: 1, pixels: [0, 0, 0])),
            boxes: [:], problems: [state.compose.scene.pieces[0].id: "outside of the picture"])
        #expect(refusal("compose.ask") == "Milo: outside of the picture")
        state.library.replace(
            with: LibrarySnapshot(concepts: [], trash: [], tags: [], categories: [], models: []))
        #expect(refusal("compose.add")?.hasPrefix("there are no concepts") == true)
    }

    @Test func namesFollowTheLibraryAndPiecesStayWithoutIt() {
        var state = fixture.state()
        _ = state.compose(.place([ids[0]]))
        _ = Reducer.reduce(
            &state,
            .library(
                .loaded(
                    LibrarySnapshot(
                        concepts: [], trash: [], tags: [], categories: [], models: []))))
        #expect(state.compose.scene.pieces.map(\.name) == ["Milo"])
        #expect(state.text.contains("Milo (not in"))
    }

    @Test func askTakesTheSavedFileWithoutWritingAgain() throws {
        var state = fixture.state()
        _ = placed(2, &state)
        let file = URL(fileURLWithPath: "/q/a.png")
        state.compose.saved = SavedComposition(scene: state.compose.scene, file: file)
        _ = state.compose(.sendToAsk)
        #expect(state.screen == .ask)
        state.screen = .compose
        _ = state.compose(.edit(.flip))
        let effects = state.compose(.sendToAsk)
        guard case .compose(.save(let saving, replaces: false)) = effects.first else {
            Issue.record("nothing is saved: \(effects)")
            return
        }
        #expect(saving.purpose == .ask([ids[0], ids[1]]))
        #expect(saving.findsFreeName)
        #expect(saving.file.lastPathComponent == "milo-bruna.png")
    }

    @Test(arguments: [(60, 16), (80, 24), (120, 36), (200, 50)])
    func everySizeShowsAllPieces(columns: Int, rows: Int) throws {
        var state = fixture.state(size: Size(columns: columns, rows: rows))
        #expect(state.text.contains("Compose a query picture"))
        let job = try #require(jobs(placed(4, &state)).last)
        state.compose.preview = ComposePreview.make(job)
        state.compose.rendering = nil
        for effect in ComposeReducer.refresh(&state) {
            if case .compose(.render(let job)) = effect {
                _ = state.compose(.rendered(ComposePreview.make(job)))
            }
        }
        let text = state.text
        for piece in state.compose.scene.bySlot {
            #expect(text.contains("\(piece.slot + 1) \(piece.name)"))
            let box = try #require(state.compose.preview?.boxes[piece.id]).pixels(.square)
            #expect(text.contains("\(box[0]),\(box[1]) – \(box[2]),\(box[3])"))
        }
        #expect(text.contains("4 of 4"))
        #expect(text.contains("on sky"))
    }
}
