import Foundation
import ImageCodecs
import TerminalUI

/// Pixels that are ready, shared rather than copied.
final class RGBImageBox: Sendable, Hashable {
    let image: RGBImage

    init(_ image: RGBImage) { self.image = image }

    static func == (a: RGBImageBox, b: RGBImageBox) -> Bool { a === b }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// What is to be shown.
enum PictureSource: Sendable, Hashable {
    /// A picture of the library: its thumbnail, or the original where that is too small.
    case stored(sha256: String, file: URL)
    /// A file outside, in the state it had when somebody looked.
    case file(URL, modified: Int64, bytes: Int64)
    /// Ready pixels such as a live composition; `id` changes with the content.
    case pixels(id: String, RGBImageBox)

    /// A file outside as it is now; also one that is not there, which fails with a sentence later.
    static func outside(_ url: URL) -> PictureSource {
        guard let facts = FileFacts(url.path) else {
            return .file(url, modified: 0, bytes: 0)
        }
        return .file(url, modified: facts.modified, bytes: Int64(facts.size))
    }

    /// The same text means the same pixels.
    var identity: String {
        switch self {
        case .stored(let sha256, _): "stored:\(sha256)"
        case .file(let url, let modified, let bytes): "file:\(modified):\(bytes):\(url.path)"
        case .pixels(let id, _): "pixels:\(id)"
        }
    }
}

/// How much trouble is taken over a picture.
enum PictureQuality: Sendable, Hashable {
    /// Few colours, quickly: the next picture may already be wanted.
    case moving
    /// As good as the terminal allows.
    case still
}

/// A picture somebody wants to see.
struct PictureRequest: Sendable, Hashable {
    var source: PictureSource
    /// The cells it may take; it keeps its shape and covers as many of them as it can.
    var box: Size
    /// Drawn onto it, the first one first.
    var marks: [PictureMark] = []
    /// 0 in focus, 1 on the screen, 2 not yet.
    var priority = 1
    /// How many times a small picture may grow.
    var magnification = 2.0
    /// What it is called, for a terminal that shows words only.
    var label = ""
    /// Names a place whose content changes all the time, such as a live composition or a picture
    /// with a frame that moves: the last picture there stays until the next is ready, and none
    /// waits for the others to come to rest.
    var slot: String?
}

/// What a request asks for, without how urgently: equal keys get the same picture.
struct PictureKey: Hashable, Sendable {
    let identity: String
    let box: Size
    let magnification: Double
    let marks: [PictureMark]
    let label: String

    /// - Parameter usesLabel: whether the label becomes part of the picture.
    init(_ request: PictureRequest, usesLabel: Bool) {
        identity = request.source.identity
        box = request.box
        magnification = request.magnification
        marks = request.marks
        label = usesLabel ? request.label : ""
    }
}
