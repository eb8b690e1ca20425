import Foundation
import ImageCodecs

/// What can happen on the screen Compose.
enum ComposeAction: Sendable {
    /// Puts concepts of the library onto the canvas.
    case place([Int64])
    case select(Int?)
    case selectNext(Int)
    /// Changes the selected piece.
    case edit(ComposeEdit)
    case remove
    /// The next reference picture of the selected concept.
    case nextPicture
    case shuffle
    case clear
    case undo, redo
    case drag(HitRegion.DragPhase, x: Double, y: Double)

    case setBackground(ComposeBackground)
    /// What the user typed or pasted: a path.
    case openBackground(String)
    case setCanvas(PixelArea)

    case pictureLoaded(sha256: String, ComposePicture)
    case backgroundLoaded(URL, PixelArea, ComposePicture, isChosen: Bool)
    case rendered(ComposePreview)

    case askForPath
    case pathSuggested(String)
    /// What the user typed as the place to save to.
    case save(String)
    case fileExists(ComposeSaving)
    case replace(ComposeSaving)
    case saved(SavedComposition, ComposePurpose)
    case savingFailed
    case sendToAsk
}

/// What the composed picture is saved for.
enum ComposePurpose: Sendable, Equatable {
    case keep
    /// Goes to the screen Ask with these concepts.
    case ask([Int64])
}

/// A composition on its way into a file.
struct ComposeSaving: Sendable, Equatable {
    let scene: ComposeScene
    let file: URL
    let purpose: ComposePurpose
    /// Finds another name rather than replacing a file.
    var findsFreeName = false
}

/// What the screen Compose wants done outside of the state.
enum ComposeEffect: Sendable {
    /// Reads the picture of a piece in the size of previews.
    case loadPicture(sha256: String, URL)
    case loadBackground(URL, isChosen: Bool)
    case render(ComposePreviewJob)
    /// Finds a name in the folder of queries that is free.
    case suggestPath(stem: String)
    case save(ComposeSaving, replaces: Bool)
}
