import Foundation
import TerminalUI

/// Saves the composed picture and hands it on.
enum ComposeSavingReducer {
    static func reduce(_ state: inout AppState, _ action: ComposeAction) -> [Effect] {
        switch action {
        case .askForPath: return [.compose(.suggestPath(stem: stem(state.compose.scene)))]
        case .pathSuggested(let path):
            state.overlays.append(ComposeOverlays.save(path, places: state.places))
            return []
        case .save(let typed):
            switch TypedPath.read(typed, in: state.places.paths) {
            case .success(let url): return save(withEnding(url), .keep, &state)
            case .failure(let problem): return Reducer.toast(.error, problem.text, &state)
            }
        case .fileExists(let saving):
            state.compose.isSaving = false
            state.overlays.append(
                ConfirmOverlay(
                    title: "Replace the file?",
                    question: "\(saving.file.path) or its boxes exist already.",
                    confirmWord: "replace", action: .compose(.replace(saving))))
            return []
        case .replace(let saving):
            state.compose.isSaving = true
            return [.compose(.save(saving, replaces: true))]
        case .saved(let saved, let purpose): return finish(saved, purpose, &state)
        case .savingFailed:
            state.compose.isSaving = false
            return []
        case .sendToAsk: return sendToAsk(&state)
        default: return []
        }
    }

    private static func save(
        _ url: URL, _ purpose: ComposePurpose, findsFreeName: Bool = false, _ state: inout AppState
    ) -> [Effect] {
        state.compose.isSaving = true
        let saving = ComposeSaving(
            scene: state.compose.scene, file: url, purpose: purpose, findsFreeName: findsFreeName)
        return [.compose(.save(saving, replaces: false))]
    }

    private static func finish(
        _ saved: SavedComposition, _ purpose: ComposePurpose, _ state: inout AppState
    ) -> [Effect] {
        state.compose.isSaving = false
        state.compose.saved = saved
        guard case .ask(let ids) = purpose else {
            return Reducer.toast(
                .good, "saved \(saved.file.path) and its boxes beside it", &state)
        }
        return handOver(saved.file, ids, &state)
    }

    /// Saves under a name of its own unless the picture lies in a file already.
    private static func sendToAsk(_ state: inout AppState) -> [Effect] {
        let ids = state.compose.scene.bySlot.map(\.concept)
        if let file = state.compose.savedFile { return handOver(file, ids, &state) }
        let file = state.places.home.queries.appendingPathComponent(
            "\(stem(state.compose.scene)).png")
        return save(file, .ask(ids), findsFreeName: true, &state)
    }

    private static func handOver(
        _ file: URL, _ ids: [Int64], _ state: inout AppState
    ) -> [Effect] {
        Reducer.reduce(&state, .ask(.setQuery(file, concepts: ids)))
            + Reducer.reduce(&state, .show(.ask))
    }

    /// A file name made of the names in the picture: `milo-bruna`.
    static func stem(_ scene: ComposeScene) -> String {
        let words = scene.bySlot.map { piece in
            piece.name.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
        }
        let stem = words.filter { !$0.isEmpty }.joined(separator: "-")
        var short = ""
        // File names end at 255 bytes, and something may be added.
        for character in stem where short.utf8.count + String(character).utf8.count <= 80 {
            short.append(character)
        }
        return short.isEmpty ? "query" : short
    }

    /// Pictures are written as PNG unless the name says JPEG.
    private static func withEnding(_ url: URL) -> URL {
        let known = ["png", "jpg", "jpeg"].contains(url.pathExtension.lowercased())
        return known ? url : url.appendingPathExtension("png")
    }
}

extension StudioHome {
    /// Where composed pictures go unless the user says otherwise.
    var queries: URL { data.appendingPathComponent("queries", isDirectory: true) }
}
