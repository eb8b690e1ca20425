import ConceptDB
import PersonalCaption
import TerminalUI

/// The lists and forms of the screen Compose.
enum ComposeOverlays {
    static func concepts(_ state: AppState) -> ListOverlay {
        let scene = state.compose.scene
        let items = state.library.concepts.map { concept in
            let refusal = ComposeReducer.refusal(of: concept, in: scene)
            return ListItem(
                text: concept.name, note: concept.category, help: concept.info,
                availability: refusal.map { .refused($0) } ?? .ready,
                action: .compose(.place([concept.id])))
        }
        return ListOverlay(
            title: "Place a concept", prompt: "type to find a concept", items: items)
    }

    static func backgrounds(_ state: AppState) -> ListOverlay {
        let now = state.compose.scene.background
        var items = Background.named.map { background in
            ListItem(
                text: background.name, note: now == .plain(background.name) ? "now" : "",
                help: background.top == background.bottom
                    ? "One colour." : "Two colours that run into one another.",
                action: .compose(.setBackground(.plain(background.name))))
        }
        items.insert(
            ListItem(
                text: "a picture…", note: isPicture(now) ? "now" : "",
                help: "Any PNG, JPEG or WebP file; it decides the size of the composition.",
                action: .open(picture())), at: 0)
        items.insert(
            ListItem(
                text: "another colour…", help: "Any colour by its number, such as #ffcc00.",
                action: .open(colour())), at: 1)
        let cursor = items.firstIndex { $0.note == "now" } ?? 0
        return ListOverlay(title: "Background", items: items, cursor: cursor)
    }

    private static func isPicture(_ background: ComposeBackground) -> Bool {
        if case .picture = background { return true }
        return false
    }

    private static func picture() -> FormOverlay {
        FormOverlay(
            title: "Background picture", submitWord: "use it",
            fields: [
                FormField(
                    key: "path", label: "Picture", kind: .path(foldersOnly: false),
                    placeholder: "PNG, JPEG or WebP", help: "Tab completes the path.")
            ],
            check: { values, state in problem(of: values["path"] ?? "", state) },
            submit: { .compose(.openBackground($0["path"] ?? "")) })
    }

    private static func colour() -> FormOverlay {
        FormOverlay(
            title: "Background colour", submitWord: "use it",
            fields: [
                FormField(
                    key: "colour", label: "Colour", kind: .text, placeholder: "#ffcc00",
                    help: "Red, green and blue as hexadecimal digits, or a name of the list.")
            ],
            check: { values, _ in
                Background(trimmed(values["colour"])) == nil
                    ? "write six hexadecimal digits after #, such as #ffcc00" : nil
            },
            submit: { .compose(.setBackground(.plain(trimmed($0["colour"]).lowercased()))) })
    }

    private static func trimmed(_ text: String?) -> String {
        String((text ?? "").filter { !$0.isWhitespace })
    }

    static func canvases(_ state: AppState) -> ListOverlay {
        let now = state.compose.scene.canvas
        return ListOverlay(
            title: "Size of the picture",
            items: PixelArea.choices.map { area in
                ListItem(
                    text: area.text, note: area == now ? "now" : "",
                    help: "Pieces keep their places in parts of the picture.",
                    action: .compose(.setCanvas(area)))
            }, cursor: PixelArea.choices.firstIndex(of: now) ?? 0)
    }

    static func save(_ path: String, places: AppPlaces) -> FormOverlay {
        FormOverlay(
            title: "Save the picture", submitWord: "save",
            fields: [
                FormField(
                    key: "path", label: "File", kind: .path(foldersOnly: false),
                    help: "PNG, or JPEG by its ending. The boxes of the concepts go into a .json "
                        + "file beside it.", value: path)
            ],
            check: { values, state in problem(of: values["path"] ?? "", state) },
            submit: { .compose(.save($0["path"] ?? "")) })
    }

    private static func problem(of typed: String, _ state: AppState) -> String? {
        if case .failure(let problem) = TypedPath.read(typed, in: state.places.paths) {
            return problem.text
        }
        return nil
    }
}
