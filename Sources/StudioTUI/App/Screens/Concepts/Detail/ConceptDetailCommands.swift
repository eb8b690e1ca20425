import ConceptDB
import TerminalUI

/// What can be done while a concept is open, besides what works in the list too.
enum ConceptDetailCommands {
    static let scope = CommandScope.part(.concepts, "open concept")

    static let all = [
        Command(
            "concepts.close", "Back to the list", help: "Closes the concept.", scope: scope,
            keys: ["backspace"], availability: needsOpen,
            action: { _ in .concepts(.detail(.close)) }),
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
            keys: ["A"], footer: FooterHint("ask", 26), availability: needsOpen,
            action: { .ask(.addConcepts($0.conceptTargets.map(\.id))) }),
        Command(
            "concepts.next_concept", "Next concept", help: "Opens the next one of the list.",
            scope: scope, keys: ["]"], footer: FooterHint("next", 96), availability: needsOpen,
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

    private static func needsOtherThanCover(_ state: AppState) -> Availability {
        guard needsImage(state).isReady else { return needsImage(state) }
        return state.openImage?.id == state.openConcept?.cover
            ? .refused("this picture is the cover") : .ready
    }
}
