import TerminalUI

/// Up to four concepts on a background, placed by keys or mouse, as a query with known boxes.
enum ComposeScreen: AppScreen {
    static let id = ScreenID.compose
    static let commands: [Command] = ComposeCommands.all

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] {
        switch input {
        case .navigate(let movement): return navigate(movement, &state)
        case .key: return []
        case .paste(let text):
            guard let path = PastedPaths.recognise(text, in: state.places.paths)?.first else {
                return Reducer.toast(
                    .info, "paste the path of a picture to make it the background", &state)
            }
            return ComposeReducer.reduce(&state, .openBackground(ShellWords.escaped(path)))
        }
    }

    private static func navigate(_ movement: Navigation, _ state: inout AppState) -> [Effect] {
        let step = ComposeEdit.step
        switch movement {
        case .left: return reduce(&state, .edit(.move(x: -step, y: 0)))
        case .right: return reduce(&state, .edit(.move(x: step, y: 0)))
        case .up: return reduce(&state, .edit(.move(x: 0, y: -step)))
        case .down: return reduce(&state, .edit(.move(x: 0, y: step)))
        case .nextFocus: return reduce(&state, .selectNext(1))
        case .previousFocus: return reduce(&state, .selectNext(-1))
        case .first: return reduce(&state, .select(state.compose.scene.pieces.last?.id))
        case .last: return reduce(&state, .select(state.compose.scene.pieces.first?.id))
        case .pageUp, .halfPageUp: return reduce(&state, .edit(.move(x: 0, y: -4 * step)))
        case .pageDown, .halfPageDown: return reduce(&state, .edit(.move(x: 0, y: 4 * step)))
        case .activate:
            return Reducer.reduce(
                &state,
                .command(state.compose.scene.pieces.isEmpty ? "compose.add" : "compose.ask"))
        // Without a selection the picture is seen as it is, without a frame.
        case .back: return reduce(&state, .select(nil))
        }
    }

    private static func reduce(_ state: inout AppState, _ action: ComposeAction) -> [Effect] {
        ComposeReducer.reduce(&state, action)
    }

    static func entered(_ state: inout AppState) -> [Effect] { ComposeReducer.refresh(&state) }

    static func libraryChanged(_ state: inout AppState) -> [Effect] {
        ComposeReducer.libraryChanged(&state)
    }

    static func statusLine(_ state: AppState) -> String {
        let scene = state.compose.scene
        let place = "\(scene.background.title), \(scene.canvas.text)"
        guard !scene.pieces.isEmpty else { return "nothing placed, \(place)" }
        let count = TextForm.count(scene.pieces.count, "piece")
        guard let piece = state.compose.selectedPiece else { return "\(count), \(place)" }
        return "\(piece.name) of \(count), \(place)"
    }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        ComposeView.draw(state, into: &scene, area: area)
    }
}
