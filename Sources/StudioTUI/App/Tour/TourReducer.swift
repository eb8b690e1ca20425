import ConceptDB
import PersonalCaption
import TerminalUI

/// Leads the user through the main job, one step after the other, and watches what happens.
enum TourReducer {
    static func reduce(_ state: inout AppState, _ action: TourAction) -> [Effect] {
        switch action {
        case .start: return start(&state)
        case .samplesRead(let samples):
            state.tour?.samples = samples
            return enter(.samples, praise: "", &state)
        case .failed(let reason):
            state.tour = nil
            return Reducer.toast(.error, reason, &state)
        case .next: return next(&state)
        case .back:
            guard let previous = state.tour?.step.previous else { return [] }
            return enter(previous, praise: "", &state)
        case .end: return end(&state)
        }
    }

    /// Looks whether the user did what the step asks for, and goes on if so.
    static func observe(_ state: inout AppState) -> [Effect] {
        guard let tour = state.tour, let samples = tour.samples else { return [] }
        remember(samples, &state)
        let facts = TourFacts(state)
        guard isDone(tour.step, tour.before, facts, samples), let next = tour.step.next else {
            return []
        }
        return enter(next, praise: TourText.praise(tour.step), &state)
    }

    // MARK: - Steps

    private static func start(_ state: inout AppState) -> [Effect] {
        guard state.tour == nil else { return end(&state) }
        if let paused = state.pausedTour {
            state.pausedTour = nil
            state.tour = paused
            return enter(paused.step, praise: "", &state)
        }
        guard let samples = state.places.samples else {
            return Reducer.toast(
                .warning, "the tour needs the sample pictures, which are not beside the program",
                &state)
        }
        state.tour = TourState()
        return [.tour(.readSamples(samples))]
    }

    private static func enter(
        _ step: TourStep, praise: String, _ state: inout AppState
    ) -> [Effect] {
        guard var tour = state.tour else { return [] }
        tour.step = step
        tour.hasHelped = false
        tour.praise = praise
        tour.before = TourFacts(state)
        state.tour = tour
        let screen: ScreenID? =
            switch step {
            case .samples, .browse: .concepts
            case .slots, .caption, .colours: .ask
            // Going there is what these ask for.
            case .picture, .history, .leave: nil
            }
        var effects = Reducer.announce(TourText.announcement(tour, state), &state)
        if let screen { effects += Reducer.reduce(&state, .show(screen)) }
        let facts = TourFacts(state)
        state.tour?.before = facts
        return effects
    }

    /// Whether a step is done, going by what was and what is.
    private static func isDone(
        _ step: TourStep, _ before: TourFacts, _ now: TourFacts, _ samples: TourSamples
    ) -> Bool {
        switch step {
        case .samples: samples.names.allSatisfy { now.names.contains($0.lowercased()) }
        case .browse: now.screen == .concepts && now.place != before.place
        case .picture: now.screen == .ask && now.hasPicture
        case .slots: now.slots >= 2
        case .caption: now.captions > before.captions
        case .history: now.screen == .history
        case .colours, .leave: false
        }
    }

    /// Notes which of the sample concepts are the tour's own.
    private static func remember(_ samples: TourSamples, _ state: inout AppState) {
        guard state.tour?.step == .samples, state.tour?.hasHelped == true,
            let before = state.tour?.before.names
        else { return }
        for concept in state.library.concepts
        where samples.names.contains(concept.name) && !before.contains(concept.name.lowercased()) {
            state.tour?.added.insert(concept.id)
        }
    }

    // MARK: - Keys

    private static func next(_ state: inout AppState) -> [Effect] {
        guard let tour = state.tour, let samples = tour.samples else { return [] }
        if tour.step == .leave { return leave(&state) }
        if tour.step == .caption, state.ask.running != nil {
            return Reducer.toast(.info, "the caption is being written", &state)
        }
        guard !tour.hasHelped, let help = help(tour.step, samples, state) else {
            return tour.step.next.map { enter($0, praise: "", &state) } ?? []
        }
        state.tour?.hasHelped = true
        return Reducer.reduce(&state, help)
    }

    /// What does for the user what a step asks for; `nil` when there is nothing to do.
    private static func help(
        _ step: TourStep, _ samples: TourSamples, _ state: AppState
    ) -> AppAction? {
        let ids = samples.names.compactMap { name in
            state.library.concepts.first { $0.name.lowercased() == name.lowercased() }?.id
        }
        switch step {
        case .samples:
            let present = Set(state.library.concepts.map { $0.name.lowercased() })
            let missing = samples.concepts.filter { !present.contains($0.name.lowercased()) }
            let edits = missing.map { concept in
                LibraryEdit.add(
                    NewConcept(
                        name: concept.name, category: concept.category, info: concept.info,
                        tags: ["sample"]),
                    images: [.file(concept.file)])
            }
            let title = "added \(TextForm.count(edits.count, "sample concept"))"
            return edits.isEmpty ? nil : .edit(.series(edits, title: title))
        // The cursor is on what was added last.
        case .browse: return .navigate(.up)
        case .picture:
            return .batch([.show(.ask), .ask(.setQuery(samples.picture, concepts: []))])
        case .slots: return .batch([.show(.ask), .ask(.addConcepts(ids))])
        case .caption: return .batch([.show(.ask), .ask(.run(.usual))])
        case .history: return .show(.history)
        case .colours, .leave: return nil
        }
    }

    /// The end of the tour takes back what it brought.
    private static func leave(_ state: inout AppState) -> [Effect] {
        let own = state.tour?.added ?? []
        let living = state.library.concepts.filter { own.contains($0.id) }.map(\.id)
        state.tour = nil
        let key = key("help.tour", state)
        guard !living.isEmpty else {
            return Reducer.toast(.good, "that was the tour; \(key) shows it again", &state)
        }
        return Reducer.reduce(&state, .edit(.trash(living)))
    }

    private static func end(_ state: inout AppState) -> [Effect] {
        guard let tour = state.tour else { return [] }
        state.pausedTour = tour.step == .leave || tour.samples == nil ? nil : tour
        state.tour = nil
        let key = key("help.tour", state)
        let rest = tour.added.isEmpty ? "" : "; the sample concepts stay in the library"
        let more = state.pausedTour == nil ? "shows it again" : "goes on where it stopped"
        return Reducer.toast(.info, "the tour has ended\(rest); \(key) \(more)", &state)
    }

    private static func key(_ command: CommandID, _ state: AppState) -> String {
        state.keymap.keys(of: command).first?.display() ?? "the palette"
    }
}
