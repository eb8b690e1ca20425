import Foundation
import PersonalCaption
import ConceptDB
import TerminalUI

/// What can be done in the list, and with concepts whether listed or open.
enum ConceptCommands {
    static let all = find + typing + act + words + view

    /// The keys of the list, which mean other things while a concept is open.
    static let list = CommandScope.part(.concepts, "list")
    /// The keys of the search field that do not type.
    static let search = CommandScope.part(.concepts, "search")
    /// Keys that work on what is picked in the list as well as on the open concept.
    static let both = CommandScope.screen(.concepts)

    // MARK: - When things can be done

    static func needsConcept(_ state: AppState) -> Availability {
        if case .failed = state.library.phase { return .refused("the library cannot be read") }
        return state.conceptTargetCount == 0 ? .refused("there is no concept here") : .ready
    }

    static func needsLiving(_ state: AppState) -> Availability {
        guard !isTrash(state) else { return .refused("it is in the trash; restore it first") }
        return needsConcept(state)
    }

    static func needsOneLiving(_ state: AppState) -> Availability {
        guard state.conceptTargetCount <= 1 else { return .refused("one concept at a time") }
        return needsLiving(state)
    }

    private static func needsTrashed(_ state: AppState) -> Availability {
        guard isTrash(state) else { return .refused("only in the trash") }
        return needsConcept(state)
    }

    private static func needsLibrary(_ state: AppState) -> Availability {
        if case .failed = state.library.phase { return .refused("the library cannot be read") }
        return .ready
    }

    private static func needsSearch(_ state: AppState) -> Availability {
        state.concepts.search.lastQuery.isEmpty ? .refused("search for something first") : .ready
    }

    private static func isTrash(_ state: AppState) -> Bool {
        state.concepts.isInTrash && state.concepts.detail == nil
    }

    private static func needsReport(_ state: AppState) -> Availability {
        state.concepts.importReport.isEmpty
            ? .refused("no import has left anything out yet") : .ready
    }

    // MARK: - Finding and picking

    private static let find = [
        Command(
            "concepts.open", "Open", help: "Shows a concept with all its pictures and captions.",
            scope: list, keys: ["enter"], footer: FooterHint("open", 10),
            availability: needsOpenable, action: { _ in .concepts(.open) }),
        Command(
            "concepts.search", "Search",
            help: "Finds letters in names, tags and categories; Esc goes back, Enter keeps the "
                + "result.", scope: list, keys: ["/"], footer: FooterHint("search", 14),
            availability: needsLibrary, action: { _ in .concepts(.startSearch) }),
        Command(
            "concepts.next_match", "Next match", help: "Goes to the next concept found.",
            scope: list, keys: ["n"], availability: needsSearch,
            action: { _ in .concepts(.nextMatch(1)) }),
        Command(
            "concepts.previous_match", "Previous match",
            help: "Goes to the concept found before.", scope: list, keys: ["N"],
            availability: needsSearch, action: { _ in .concepts(.nextMatch(-1)) }),
        Command(
            "concepts.filter", "Show only a tag or category",
            help: "Chooses which concepts are listed: a tag, a category, untagged, the trash.",
            scope: list, keys: ["f"], footer: FooterHint("filter", 42),
            availability: needsLibrary, action: { _ in .concepts(.chooseShelf) }),
        Command(
            "concepts.show_trash", "Show the trash",
            help: "Lists what was removed; restore it or delete it for good there.", scope: list,
            keys: ["g d"], availability: needsLibrary, action: { _ in .concepts(.show(.trash)) }),
        Command(
            "concepts.show_all", "Show all concepts", help: "Ends every filter by tag.",
            scope: list, keys: ["g a"], action: { _ in .concepts(.show(.all)) }),
        Command(
            "concepts.select", "Select",
            help: "Picks the concept under the cursor, or drops it, and moves on.", scope: list,
            keys: ["space"], footer: FooterHint("select", 16), availability: hasRow,
            action: { _ in .concepts(.mark) }),
        Command(
            "concepts.select_range", "Select a range",
            help: "Moving the cursor picks what it passes, until this key again.", scope: list,
            keys: ["v"], availability: hasRow, action: { _ in .concepts(.markRange) }),
        Command(
            "concepts.select_all", "Select all", help: "Picks everything that is listed.",
            scope: list, keys: ["ctrl-a"], availability: hasRow,
            action: { _ in .concepts(.markAll) }),
        Command(
            "concepts.invert_selection", "Invert the selection",
            help: "Picks what is not picked, and the other way round.", scope: list, keys: ["i"],
            availability: hasRow, action: { _ in .concepts(.invertMarks) }),
    ]

    private static let typing = [
        Command(
            "concepts.keep_search", "Keep the result",
            help: "Back to the list, which goes on showing what was found.", scope: search,
            keys: ["enter"], footer: FooterHint("keep the result", 10), availability: isSearching,
            action: { _ in .concepts(.keepSearch) }),
        Command(
            "concepts.end_search", "End the search",
            help: "Shows everything again, with the cursor where it was.", scope: search,
            keys: ["esc"], footer: FooterHint("end the search", 12), availability: isSearching,
            action: { _ in .concepts(.endSearch) }),
    ]

    private static func isSearching(_ state: AppState) -> Availability {
        state.concepts.search.isTyping ? .ready : .refused("search for something first")
    }

    private static func hasRow(_ state: AppState) -> Availability {
        state.conceptUnderCursor == nil ? .refused("there is no concept here") : .ready
    }

    private static func needsOpenable(_ state: AppState) -> Availability {
        guard !isTrash(state) else { return .refused("it is in the trash; restore it first") }
        return hasRow(state)
    }

    // MARK: - Adding and removing

    private static let act = [
        Command(
            "concepts.add", "Add concepts",
            help: "Registers pictures: a file, several, a folder or a pattern.", scope: both,
            keys: ["a"], footer: FooterHint("add", 12), availability: needsLibrary,
            action: { _ in .concepts(.add) }),
        Command(
            "concepts.add_images", "Add pictures to this concept",
            help: "More pictures of the same thing help the model to know it.", scope: both,
            keys: ["I"], availability: needsOneLiving, action: { _ in .concepts(.addImages) }),
        Command(
            "concepts.import_report", "Last import",
            help: "Which files the last import left out, and why.", scope: both, keys: ["g i"],
            availability: needsReport, action: { _ in .concepts(.showImportReport) }),
        Command(
            "concepts.restore", "Restore", help: "Brings concepts back from the trash.",
            scope: list, keys: ["R"], footer: FooterHint("restore", 20),
            availability: needsTrashed,
            action: { .concepts(.restore($0.conceptTargets.map(\.id))) }),
        Command(
            "concepts.purge", "Delete forever",
            help: "Deletes concepts of the trash for good; asks first.", scope: list, keys: ["D"],
            footer: FooterHint("delete forever", 21), availability: needsTrashed,
            action: { _ in .concepts(.askPurge) }),
        Command(
            "concepts.ask", "Ask about it",
            help: "Puts concepts into the slots of the query on the screen Ask.", scope: list,
            keys: ["c"], footer: FooterHint("ask", 26), availability: canAsk,
            action: { .ask(.addConcepts($0.conceptTargets.map(\.id))) }),
        Command(
            "concepts.trash", "To the trash", help: "Removes concepts; undo brings them back.",
            scope: list, keys: ["d"], footer: FooterHint("trash", 28),
            availability: needsLiving, action: { _ in .concepts(.trash) }),
    ]

    static func canAsk(_ state: AppState) -> Availability {
        let living = needsLiving(state)
        guard living.isReady else { return living }
        let limit = CaptionPrompt.maximumConcepts
        let count = state.conceptTargetCount
        if count > limit {
            return .refused("a query has \(limit) slots, and \(count) are selected")
        }
        if state.ask.slots.count >= limit {
            return .refused("all \(limit) slots are full; take one out on Ask")
        }
        return .ready
    }

    // MARK: - Words

    private static let words = [
        Command(
            "concepts.edit", "Edit", help: "Changes name, category, tags and info.", scope: both,
            keys: ["e"], footer: FooterHint("edit", 24), availability: needsLiving,
            action: { _ in .concepts(.edit) }),
        Command(
            "concepts.edit_externally", "Edit in your editor",
            help: "Opens name, category, tags and info as a text in $EDITOR.", scope: both,
            keys: ["E"], availability: needsOneLiving,
            action: { _ in .concepts(.editExternally) }),
        Command(
            "concepts.rename", "Rename", help: "Changes the name.", scope: both, keys: ["r"],
            footer: FooterHint("rename", 44), availability: needsOneLiving,
            action: { _ in .concepts(.rename) }),
        Command(
            "concepts.tags", "Tags", help: "Adds and removes tags, of several concepts at once.",
            scope: both, keys: ["t"], footer: FooterHint("tags", 40), availability: needsLiving,
            action: { _ in .concepts(.tags) }),
        Command(
            "concepts.copy", "Copy the name", help: "Copies names, one on each line.",
            scope: both, keys: ["y"], availability: needsConcept,
            action: { copy($0.conceptTargets.map(\.name), "name") }),
        Command(
            "concepts.copy_info", "Copy name and info",
            help: "Copies name, category, tags and info.", scope: both, keys: ["Y"],
            availability: needsConcept,
            action: { copy($0.conceptTargets.map(description), "info") }),
        Command(
            "concepts.open_externally", "Open in another program",
            help: "Shows the picture in the viewer of the desktop.", scope: both, keys: ["o"],
            availability: needsPicture, action: openExternally),
    ]

    private static func copy(_ texts: [String], _ what: String) -> AppAction {
        let title = texts.count == 1 ? "the \(what)" : "\(texts.count) \(what)s"
        return .copy(texts.joined(separator: "\n"), what: title)
    }

    private static func description(_ concept: Concept) -> String {
        var lines = [concept.name]
        if !concept.category.isEmpty { lines.append(concept.category) }
        if !concept.tags.isEmpty { lines.append(TagList.text(concept.tags)) }
        if !concept.info.isEmpty { lines.append(concept.info) }
        return lines.joined(separator: "\n")
    }

    private static func needsPicture(_ state: AppState) -> Availability {
        shownPicture(state) == nil ? .refused("there is no picture here") : .ready
    }

    private static func shownPicture(_ state: AppState) -> ReferenceImage? {
        state.concepts.detail == nil ? state.conceptUnderCursor?.coverImage : state.openImage
    }

    private static func openExternally(_ state: AppState) -> AppAction {
        guard let image = shownPicture(state) else { return .none }
        return .openExternally(state.places.home.library.appendingPathComponent(image.path))
    }

    // MARK: - View

    private static func sort(_ field: ConceptSorting.Field, _ key: String) -> Command {
        Command(
            CommandID("concepts.sort_\(field)"), "Sort by \(field.title)",
            help: "Sorts the list; the same again turns it round.", scope: list,
            keys: ["S \(key)"], action: { _ in .concepts(.sort(field)) })
    }

    private static let view = [
        sort(.name, "n"), sort(.created, "c"), sort(.updated, "u"),
        Command(
            "concepts.grid", "List or grid", help: "Shows concepts as a list or as pictures.",
            scope: list, keys: ["g t"], footer: FooterHint("grid", 46),
            action: { _ in .concepts(.toggleStyle) }),
        Command(
            "concepts.preview", "Preview on or off",
            help: "Shows or hides the picture beside the list.", scope: list, keys: ["p"],
            footer: FooterHint("preview", 48), action: { _ in .concepts(.togglePreview) }),
    ]
}
