import ConceptDB
import TerminalUI

/// What can be done while a concept is open, besides what works in the list too.
enum ConceptDetailCommands {
    static let scope = CommandScope.part(.concepts, "open concept")

    static let all = [
        Command(
            "concepts.close", "Back to the list", help: "Closes the concept.", scope: scope,
            keys: ["esc", "backspace"], footer: FooterHint("back", 8), availability: needsOpen,
            action: { _ in .concepts(.detail(.close)) }),
        Command(
            "concepts.next_image", "Next picture", help: "Shows the next picture of the concept.",
            scope: scope, keys: ["l", "right"], footer: FooterHint("next picture", 10),
            availability: { needsImages($0, step: 1) },
            action: { _ in .concepts(.detail(.step(1))) }),
        Command(
            "concepts.previous_image", "Previous picture",
            help: "Shows the picture before it.", scope: scope, keys: ["h", "left"],
            availability: { needsImages($0, step: -1) },
            action: { _ in .concepts(.detail(.step(-1))) }),
        Command(
            "concepts.cover", "Make it the cover",
            help: "The picture that is shown stands for the concept from now on.", scope: scope,
            keys: ["c"], footer: FooterHint("cover", 12), availability: needsOtherThanCover,
            action: { _ in .concepts(.detail(.cover)) }),
        Command(
            "concepts.crop", "Crop",
            help: "Cuts a part out of the picture as a new picture of the concept.",
            scope: scope, keys: ["x"], footer: FooterHint("crop", 14), availability: needsImage,
            action: { _ in .concepts(.detail(.crop)) }),
        Command(
            "concepts.remove_image", "Remove the picture",
            help: "Takes the picture away from the concept; undo brings it back.", scope: scope,
            keys: ["d"], footer: FooterHint("remove picture", 16), availability: needsImage,
            action: { _ in .concepts(.detail(.removeImage)) }),
        Command(
            "concepts.ask_open", "Ask about it",
            help: "Puts the concept into a slot of the query on the screen Ask.", scope: scope,
            keys: ["A"], footer: FooterHint("ask", 26), availability: canAsk,
            action: { .ask(.addConcepts($0.conceptTargets.map(\.id))) }),
        Command(
            "concepts.next_concept", "Next concept", help: "Opens the next one of the list.",
            scope: scope, keys: ["]"], footer: FooterHint("next concept", 40),
            availability: needsOpen,
            action: { _ in .concepts(.detail(.neighbour(1))) }),
        Command(
            "concepts.previous_concept", "Previous concept",
            help: "Opens the one before it in the list.", scope: scope, keys: ["["],
            availability: needsOpen, action: { _ in .concepts(.detail(.neighbour(-1))) }),
    ]

    private static func needsOpen(_ state: AppState) -> Availability {
        state.openConcept == nil ? .refused("open a concept first") : .ready
    }

    private static func needsImage(_ state: AppState) -> Availability {
        guard state.openConcept != nil else { return .refused("open a concept first") }
        return state.openImage == nil ? .refused("it has no picture yet") : .ready
    }

    private static func canAsk(_ state: AppState) -> Availability {
        state.openConcept == nil
            ? .refused("open a concept first") : ConceptCommands.canAsk(state)
    }

    private static func needsImages(_ state: AppState, step: Int) -> Availability {
        guard let concept = state.openConcept, let detail = state.concepts.detail else {
            return .refused("open a concept first")
        }
        if concept.images.count < 2 { return .refused("it has no other picture") }
        return concept.images.indices.contains(detail.image + step)
            ? .ready : .refused(step > 0 ? "this is the last one" : "this is the first one")
    }

    private static func needsOtherThanCover(_ state: AppState) -> Availability {
        guard needsImage(state).isReady else { return needsImage(state) }
        return state.openImage?.id == state.openConcept?.cover
            ? .refused("this picture is the cover") : .ready
    }
}
