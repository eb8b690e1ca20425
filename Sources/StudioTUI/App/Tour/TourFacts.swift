import ConceptDB

/// What the tour watches to see that the user did what a step asks for.
struct TourFacts: Sendable, Equatable {
    var screen = ScreenID.concepts
    /// How far the cursor is in the list of concepts, and whether one is open.
    var place = ""
    var hasPicture = false
    var slots = 0
    /// Captions of this session that are finished.
    var captions = 0
    var names: Set<String> = []

    init() {}

    init(_ state: AppState) {
        screen = state.screen
        place = state.screen == .concepts ? ConceptsScreen.statusLine(state) : ""
        hasPicture = state.ask.picture != nil
        slots = state.ask.slots.count
        captions = state.ask.captions.count { $0.phase == .done }
        names = Set(state.library.concepts.map { $0.name.lowercased() })
    }
}
