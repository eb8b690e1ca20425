import ConceptDB
import TerminalUI

/// What the screen Concepts knows.
struct ConceptsState: Sendable {
    /// The concept to put the cursor on once the library is renewed.
    var pendingFocus: Int64?

    /// Which concepts are shown, in what order, and found by what.
    var shelf = ConceptShelf.all
    var order = ConceptSorting()
    var search = ConceptLetterSearch()
    /// What follows from these and the library; renewed with every change of them, not per frame.
    var listing = ConceptListing()
    /// The rows of the pane of tags and categories.
    var shelves: [ShelfRow] = []

    var position = ListPosition()
    var focus = ConceptsFocus.list
    var marks = ConceptMarks()
    var style = ConceptListStyle.list
    /// Whether the preview is shown; `nil` leaves it to the width of the screen.
    var listPreview: Bool?
    var gridPreview: Bool?

    /// The concept that is open.
    var detail: ConceptDetail?
    /// The part of a picture that is being chosen.
    var crop: CropBox?
    /// What the last import left out and why, one sentence each.
    var importReport: [String] = []
}

/// The part of the screen that keys go to.
enum ConceptsFocus: Sendable, Hashable {
    case list, shelves
}

/// How concepts are laid out.
enum ConceptListStyle: Sendable, Hashable {
    case list, grid
}

/// Which concepts the list shows.
enum ConceptShelf: Sendable, Hashable {
    case all, untagged, trash
    case tag(String), category(String)

    var title: String {
        switch self {
        case .all: "all"
        case .untagged: "untagged"
        case .trash: "trash"
        case .tag(let name): "#\(name)"
        case .category(let name): name
        }
    }

    /// Whether a living concept belongs here; the trash holds none of them.
    func holds(_ concept: Concept) -> Bool {
        switch self {
        case .all: true
        case .untagged: concept.tags.isEmpty
        case .trash: false
        case .tag(let name): concept.tags.contains(name)
        case .category(let name): concept.category.hasSameName(as: name)
        }
    }
}

/// A row of the pane of tags and categories.
struct ShelfRow: Sendable, Equatable {
    let shelf: ConceptShelf
    let count: Int
}

/// What the list is sorted by.
struct ConceptSorting: Sendable, Equatable {
    enum Field: Sendable, Hashable {
        case name, created, updated

        var title: String {
            switch self {
            case .name: "name"
            case .created: "date added"
            case .updated: "last change"
            }
        }
    }

    var field = Field.name
    /// From Z to A, or the oldest first.
    var isReversed = false

    var title: String { isReversed ? "by \(field.title), reversed" : "by \(field.title)" }
}

/// The ways of working on the screen, each with its own keys.
enum ConceptsMode: Sendable, Hashable {
    case list, detail, crop
}

extension ConceptsState {
    var mode: ConceptsMode { crop != nil ? .crop : detail != nil ? .detail : .list }

    /// Whether the list shows the trash.
    var isInTrash: Bool { shelf == .trash }
}
