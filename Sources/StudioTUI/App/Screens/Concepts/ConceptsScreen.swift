import TerminalUI

/// The library: concepts in a list or grid, by tag and category, found by letters.
enum ConceptsScreen: AppScreen {
    static let id = ScreenID.concepts
    static let commands = ConceptCommands.all + ConceptDetailCommands.all + CropCommands.all

    static func scopes(_ state: AppState) -> [CommandScope] {
        switch state.concepts.mode {
        case .list:
            state.concepts.search.isTyping
                ? [ConceptCommands.search] : [ConceptCommands.list, .screen(id)]
        case .detail: [ConceptDetailCommands.scope, .screen(id)]
        case .crop: [CropCommands.scope]
        }
    }

    static func wantsText(_ state: AppState) -> Bool {
        state.concepts.mode == .list && state.concepts.search.isTyping
    }

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] {
        switch input {
        case .key(let key): return ConceptsReducer.searchKey(key, &state)
        case .paste(let text): return ConceptsReducer.paste(text, &state)
        case .navigate(let movement):
            switch state.concepts.mode {
            case .crop: return ConceptsReducer.navigate(crop: movement, &state)
            case .detail: return ConceptsReducer.navigate(detail: movement, &state)
            case .list: return ConceptsReducer.navigate(movement, &state)
            }
        }
    }

    /// The History may have grown meanwhile.
    static func entered(_ state: inout AppState) -> [Effect] {
        state.concepts.detail.map { [.concepts(.loadCaptions(id: $0.id))] } ?? []
    }

    static func libraryChanged(_ state: inout AppState) -> [Effect] {
        ConceptsReducer.libraryChanged(&state)
    }

    static func statusLine(_ state: AppState) -> String { ConceptsView.statusLine(state) }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        ConceptsView.draw(state, into: &scene, area: area)
    }
}
