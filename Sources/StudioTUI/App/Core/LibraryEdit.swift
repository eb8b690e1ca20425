import ConceptDB

/// A change of the library, as a value: what the screens ask for and what undo replays.
enum LibraryEdit: Sendable, Equatable {
    case add(NewConcept, images: [ImageSource])
    case edit([ConceptPatch])
    case rename(id: Int64, name: String)
    case trash([Int64])
    case restore([Int64])
    case restoreAs(id: Int64, name: String)
    /// Cannot be taken back.
    case purge([Int64])
    case addImages(id: Int64, [ImageSource])
    case removeImages(id: Int64, [Int64])
    case restoreImages([ImageRemoval])
    case setCover(id: Int64, image: Int64)
    /// Adds a part of one of the concept's pictures, as its cover if wished.
    case addCrop(id: Int64, ImageSource, makesCover: Bool)
    /// Several edits that are undone together.
    indirect case series([LibraryEdit], title: String)
    case trashCaptions([Int64])
    case restoreCaptions([Int64])
}

extension LibraryEdit {
    /// Whether a concept may have another cover afterwards.
    var changesCovers: Bool {
        switch self {
        case .add, .addImages, .removeImages, .restoreImages, .setCover, .addCrop: true
        case .series(let edits, _): edits.contains(where: \.changesCovers)
        default: false
        }
    }
}

/// One concept and what changes about it.
struct ConceptPatch: Sendable, Equatable {
    let id: Int64
    let edit: ConceptEdit
}

/// Why a library edit is made, which decides where its inverse goes.
enum EditPurpose: Sendable {
    case user, undo, redo
}

/// What came of an edit.
struct LibraryOutcome: Sendable {
    /// "moved 3 concepts to the trash".
    let summary: String
    let inverse: LibraryEdit?
    /// The concept to put the cursor on.
    var focus: Int64?
    /// Something the user should know: "2 of the pictures were there already".
    var note: String?
}
