import ConceptDB
import TerminalUI

/// What can happen on the screen Concepts.
enum ConceptsAction: Sendable {
    // The list.
    /// A click on a row: goes there, or opens it if the cursor is there already.
    case click(row: Int)
    /// A click on the sign of a row.
    case clickMark(row: Int)
    case scroll(Int)
    case focus(ConceptsFocus)
    case show(ConceptShelf)
    case chooseShelf
    case sort(ConceptSorting.Field)
    case toggleStyle
    case togglePreview
    case mark
    case markRange
    case markAll
    case invertMarks
    case startSearch
    case keepSearch
    case endSearch
    case nextMatch(Int)

    // Adding.
    case add
    /// The form was filled in, or paths were pasted and the choice made.
    case addSubmitted(AddRequest)
    /// Nothing came of it: one sentence; the form opens again with what was typed.
    case addFailed(AddRequest, String)
    case addImages
    /// An import ended: what it left out, one sentence each.
    case imported(report: [String])
    case showImportReport

    // Changing words.
    case edit
    case editExternally
    case drafted(id: Int64, text: String)
    /// Opens the editor again with the text and what was wrong with it.
    case editDraft(id: Int64, text: String)
    case rename
    case tags
    case applyTags(TagChanges, ids: [Int64])

    // The trash.
    case trash
    case restore([Int64])
    case askPurge

    case open
    case detail(ConceptDetailAction)
    case crop(CropAction)
}

/// What can happen while a concept is open.
enum ConceptDetailAction: Sendable {
    case close
    case showImage(Int)
    case step(Int)
    case neighbour(Int)
    case scroll(Int)
    case cover
    case removeImage
    case crop
    case captions(id: Int64, [CaptionRecord], total: Int)
}

/// What can happen to the crop box.
enum CropAction: Sendable {
    case move(Int, Int)
    case resize(Int, Int)
    case scale(Int)
    case square
    case reset
    case toggleCover
    /// The mouse in parts of the picture, 0…1.
    case drag(HitRegion.DragPhase, x: Double, y: Double)
    case save
    case cancel
}

/// What the screen Concepts wants done outside of the state.
enum ConceptsEffect: Sendable {
    case importPictures(AddRequest)
    case loadCaptions(id: Int64)
    case saveCrop(CropBox)
}
