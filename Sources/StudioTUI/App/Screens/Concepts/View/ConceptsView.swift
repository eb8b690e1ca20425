import ConceptDB
import Foundation
import TerminalUI

/// Draws the screen Concepts.
enum ConceptsView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        switch state.concepts.mode {
        case .crop: CropView.draw(state, into: &scene, area: area)
        case .detail: ConceptDetailView.draw(state, into: &scene, area: area)
        case .list: drawList(state, into: &scene, area: area)
        }
    }

    private static func drawList(_ state: AppState, into scene: inout Scene, area: Rect) {
        let layout = ConceptsLayout(state, area: area)
        if let pane = layout.shelfPane { ShelfView.drawPane(state, into: &scene, rect: pane) }
        if let chips = layout.chips { ShelfView.drawChips(state, into: &scene, rect: chips) }
        let order = state.concepts.order
        scene.panel(
            layout.list, title: title(state),
            note: state.concepts.marks.isRange
                ? "range"
                : state.concepts.style == .grid
                    || order != ConceptSorting() ? order.title : "",
            isFocused: state.concepts.focus == .list)
        if let line = layout.searchLine { drawSearch(state, into: &scene, rect: line) }
        scene.region(layout.listRows, scroll: { .concepts(.scroll($0 * 3)) })
        if state.concepts.listing.count == 0 {
            drawEmpty(state, into: &scene, rect: layout.listRows)
        } else if state.concepts.style == .grid {
            ConceptGridView.draw(state, layout.grid, into: &scene)
        } else {
            ConceptRowsView.draw(state, rect: layout.listRows, into: &scene)
        }
        if let preview = layout.preview {
            ConceptPreviewView.draw(state, rect: preview, into: &scene)
        }
    }

    /// "Concepts (12 of 128, 3 selected)".
    static func title(_ state: AppState) -> String {
        let listing = state.concepts.listing
        var facts =
            state.concepts.search.isActive
            ? "\(listing.count) of \(listing.total)" : "\(listing.total)"
        let marks = state.concepts.marks
        if !marks.isEmpty {
            facts += ", \(marks.count) selected"
            let hidden = marks.count - listing.ids.count { marks.contains($0) }
            if hidden > 0 { facts += ", \(hidden) hidden" }
        }
        // Which tag or category it is stands in the pane or the chips beside it.
        return (state.concepts.isInTrash ? "Trash" : "Concepts") + " (\(facts))"
    }

    private static func drawSearch(_ state: AppState, into scene: inout Scene, rect: Rect) {
        let search = state.concepts.search
        scene.write("/", x: rect.x, y: rect.y, style: scene.theme.accent)
        scene.field(
            search.field, x: rect.x + 1, y: rect.y, columns: rect.columns - 1,
            isFocused: search.isTyping, placeholder: "letters of name, tag or category")
        scene.region(rect, press: .concepts(.startSearch))
    }

    /// What to do when there is nothing in the list.
    private static func drawEmpty(_ state: AppState, into scene: inout Scene, rect: Rect) {
        switch state.library.phase {
        case .opening: return
        case .failed(let reason):
            scene.emptyState(
                "The library cannot be read",
                [reason, "", "Its folder: \(state.places.home.library.path)"], in: rect)
            return
        case .ready: break
        }
        let (title, lines) = emptyText(state)
        scene.emptyState(title, lines, in: rect)
    }

    private static func emptyText(_ state: AppState) -> (String, [String]) {
        if state.concepts.search.isActive {
            return (
                "Nothing fits \"\(state.concepts.search.query)\"",
                ["Esc ends the search. Letters may have gaps: mch finds mochi."]
            )
        }
        switch state.concepts.shelf {
        case .trash:
            return (
                "The trash is empty",
                [
                    "What you remove with \(key("concepts.trash", state)) waits here until you",
                    "delete it for good.",
                ]
            )
        case .untagged: return ("Everything has a tag", ["Esc shows all concepts."])
        case .tag, .category: return ("Nothing here any more", ["Esc shows all concepts."])
        case .all:
            var lines = [
                "Press \(key("concepts.add", state)) to add pictures,",
                "or drop picture files onto this window.",
                "",
                "Press \(key("help.tour", state)) for a 60-second tour on the samples.",
            ]
            let removed = state.library.trash.count
            if removed > 0 {
                let trash = key("concepts.show_trash", state)
                lines += ["", "\(TextForm.count(removed, "concept")) in the trash: \(trash)"]
            }
            return ("No concepts yet", lines)
        }
    }

    static func key(_ id: CommandID, _ state: AppState) -> String {
        state.keymap.keys(of: id).first?.display(ascii: state.settings.isASCII) ?? "its key"
    }

    /// "3 of 128, 2 selected, by last change".
    static func statusLine(_ state: AppState) -> String {
        let concepts = state.concepts
        if let crop = concepts.crop {
            return "crop \(crop.width)×\(crop.height) of \(crop.image.width)×\(crop.image.height)"
        }
        let count = concepts.listing.count
        let place = count == 0 ? "no concepts" : "\(concepts.position.cursor + 1) of \(count)"
        if let concept = state.openConcept, let detail = concepts.detail {
            let pictures = concept.images.count
            let picture =
                pictures == 0 ? "no picture" : "picture \(detail.image + 1) of \(pictures)"
            return "\(place), \(picture)"
        }
        var parts = [place]
        if concepts.marks.isRange { parts.append("range") }
        if !concepts.marks.isEmpty { parts.append("\(concepts.marks.count) selected") }
        if concepts.shelf != .all { parts.append("in \(concepts.shelf.title)") }
        if concepts.search.isActive { parts.append("search: \(concepts.search.query)") }
        if concepts.order != ConceptSorting() { parts.append(concepts.order.title) }
        return parts.joined(separator: ", ")
    }
}
