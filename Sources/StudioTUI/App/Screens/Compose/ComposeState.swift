import ConceptDB
import Foundation
import ImageCodecs

/// What the screen Compose knows.
struct ComposeState: Sendable {
    var scene = ComposeScene()
    var history = ComposeHistory()
    /// The id of the piece that keys and wheel act on.
    var selected: Int?
    var nextID = 1
    /// Pictures of pieces, small enough for previews, by their SHA-256.
    var pictures: [String: ComposePicture] = [:]
    /// Backgrounds of the user's, small enough for previews, by their paths.
    var backgrounds: [String: ComposePicture] = [:]

    /// Grows with every version of the preview that is wanted.
    var revision = 0
    /// What the last version was wanted for, so that nothing is made twice.
    var wanted: ComposeWish?
    /// The version being made; the newest follows when it is done.
    var rendering: Int?
    var preview: ComposePreview?

    var drag: ComposeDrag?
    /// Decides the next places of `shuffle`; grows each time.
    var shuffleSeed: UInt64 = 1
    /// The last composition that was saved.
    var saved: SavedComposition?
    var isSaving = false

    var selectedPiece: ComposePiece? { scene.piece(selected) }

    /// Whether the preview shows the scene as it is.
    var isPreviewCurrent: Bool { preview?.revision == revision }

    /// Why a piece cannot be seen, as far as the preview knows.
    func problem(of piece: ComposePiece) -> String? {
        if case .failed(let reason) = pictures[piece.picture.sha256] { return reason }
        return preview?.problems[piece.id]
    }

    /// The file of the scene as it is, if it was saved.
    var savedFile: URL? { saved?.scene == scene ? saved?.file : nil }
}

/// A picture on its way into memory.
enum ComposePicture: Sendable {
    case loading
    case ready(RGBAImage)
    /// One sentence.
    case failed(String)

    var image: RGBAImage? {
        if case .ready(let image) = self { return image }
        return nil
    }
}

/// Everything that decides how a preview looks.
struct ComposeWish: Sendable, Equatable {
    let scene: ComposeScene
    /// SHA-256 of the pictures that are at hand.
    let pictures: Set<String>
    let hasBackground: Bool
}

/// A piece that hangs on the mouse.
struct ComposeDrag: Sendable, Equatable {
    let piece: Int
    /// From the mouse to the middle of the piece, in parts of the canvas.
    let offsetX: Double
    let offsetY: Double
}

/// A composition in a file.
struct SavedComposition: Sendable, Equatable {
    let scene: ComposeScene
    let file: URL
}
