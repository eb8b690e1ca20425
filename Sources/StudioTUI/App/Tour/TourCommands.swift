/// The keys of the tour: one to begin it, the others while it is shown.
enum TourCommands {
    static let all: [Command] = [
        Command(
            "help.tour", "Tour",
            help: "The main job in a minute, on the samples; it cleans up after itself.",
            scope: .everywhere, keys: ["T"],
            availability: { state in
                state.places.samples == nil
                    ? .refused("the sample pictures are not beside the program") : .ready
            }, action: { _ in .tour(.start) }),
        Command(
            "tour.next", "Next step of the tour",
            help: "Does what the tour asks for; again goes on without.", scope: .tour,
            keys: ["n"], action: { _ in .tour(.next) }),
        Command(
            "tour.back", "Step back in the tour", help: "Shows the step before.", scope: .tour,
            keys: ["b"],
            availability: { state in
                state.tour?.step.previous == nil ? .refused("this is the first step") : .ready
            }, action: { _ in .tour(.back) }),
        Command(
            "tour.end", "End the tour", help: "It can be resumed where it stopped.", scope: .tour,
            keys: ["esc"], action: { TourEscape.action($0) }),
    ]
}

/// Who gets the Escape key while the tour is shown.
enum TourEscape {
    /// The screen when there is something to leave or to cancel, else the tour.
    static func action(_ state: AppState) -> AppAction {
        state.tasks.running.isEmpty ? .tour(.end) : .navigate(.back)
    }
}
