import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption

/// A concept's picture in a composition.
///
/// All lengths are parts of the canvas, so that a preview and the full picture look alike.
struct ComposePiece: Sendable, Equatable, Identifiable {
    /// Names the piece on this screen.
    let id: Int
    /// 0…3, by order of placing; its colour and number, whatever lies above it.
    let slot: Int
    let concept: Int64
    var name: String
    var picture: ReferenceImage
    /// The middle of the picture, 0…1 from the left and from the top.
    var x: Double
    var y: Double
    /// Width of the upright picture, as a part of the canvas's width.
    var width: Double
    /// Clockwise, in degrees.
    var rotation = 0.0
    var isFlipped = false

    /// Height of the picture for each unit of width.
    var aspect: Double {
        guard picture.width > 0, picture.height > 0 else { return 1 }
        return Double(picture.height) / Double(picture.width)
    }
}

/// What lies behind the pieces.
enum ComposeBackground: Sendable, Equatable {
    /// A name or colour that `PersonalCaption.Background` knows.
    case plain(String)
    /// A picture of the user's.
    case picture(URL)

    var title: String {
        switch self {
        case .plain(let name): name
        case .picture(let url): url.lastPathComponent
        }
    }
}

/// Everything that decides how the composed picture looks; what undo brings back.
struct ComposeScene: Sendable, Equatable {
    var background = ComposeBackground.plain("sky")
    /// Size of the composed picture in pixels.
    var canvas = PixelArea.square
    /// From the back to the front.
    var pieces: [ComposePiece] = []

    static let limit = CaptionPrompt.maximumConcepts

    func piece(_ id: Int?) -> ComposePiece? { pieces.first { $0.id == id } }

    /// The pieces in the order of their numbers.
    var bySlot: [ComposePiece] { pieces.sorted { $0.slot < $1.slot } }

    /// The lowest number that no piece has.
    var freeSlot: Int? {
        (0..<Self.limit).first { slot in !pieces.contains { $0.slot == slot } }
    }

    /// Where a piece is painted, in the terms of `studio compose`.
    func placement(of piece: ComposePiece) -> Placement {
        Placement(
            name: piece.name, x: .fraction(piece.x - piece.width / 2),
            y: .fraction(piece.y - height(of: piece) / 2), width: .fraction(piece.width),
            rotation: piece.rotation, isFlipped: piece.isFlipped)
    }

    /// Height of the upright piece as a part of the canvas's height.
    func height(of piece: ComposePiece) -> Double {
        piece.width * piece.aspect * canvas.ratio
    }

    /// The upright rectangle around the turned piece, in parts of the canvas.
    func bounds(of piece: ComposePiece) -> CanvasBox {
        let radians = piece.rotation * .pi / 180
        let (cosine, sine) = (abs(cos(radians)), abs(sin(radians)))
        // Turning mixes both axes, so it is worked out in units of the canvas's width.
        let (wide, high) = (piece.width, piece.width * piece.aspect)
        let across = wide * cosine + high * sine
        let down = (wide * sine + high * cosine) * canvas.ratio
        return CanvasBox(
            x: piece.x - across / 2, y: piece.y - down / 2, width: across, height: down)
    }

    /// The front-most piece at a point of the canvas.
    func piece(atX x: Double, y: Double) -> ComposePiece? {
        pieces.last { piece in
            let radians = piece.rotation * .pi / 180
            let (across, down) = (x - piece.x, (y - piece.y) / canvas.ratio)
            let u = across * cos(radians) + down * sin(radians)
            let v = down * cos(radians) - across * sin(radians)
            return abs(u) <= piece.width / 2 && abs(v) <= piece.width * piece.aspect / 2
        }
    }
}

/// A size in pixels.
struct PixelArea: Sendable, Equatable {
    var width: Int
    var height: Int

    static let square = PixelArea(width: 448, height: 448)
    /// Sizes to choose from for backgrounds without a size of their own.
    static let choices = [
        square, PixelArea(width: 640, height: 448), PixelArea(width: 448, height: 640),
        PixelArea(width: 896, height: 896), PixelArea(width: 1280, height: 720),
    ]

    /// Width for each unit of height.
    var ratio: Double { height > 0 ? Double(width) / Double(height) : 1 }

    var text: String { "\(width)×\(height)" }

    /// The same shape with no side longer than this.
    func fitting(_ side: Int) -> PixelArea {
        let longest = max(width, height)
        guard longest > side else { return self }
        let scale = Double(side) / Double(longest)
        return PixelArea(
            width: max(1, Int((Double(width) * scale).rounded())),
            height: max(1, Int((Double(height) * scale).rounded())))
    }
}

/// A rectangle in parts of the canvas.
struct CanvasBox: Sendable, Equatable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    var area: Double { max(0, width) * max(0, height) }

    /// How much of the canvas both cover.
    func overlap(_ other: CanvasBox) -> Double {
        let across = min(x + width, other.x + other.width) - max(x, other.x)
        let down = min(y + height, other.y + other.height) - max(y, other.y)
        return max(0, across) * max(0, down)
    }

    /// The box in pixels: left, top, right and bottom.
    func pixels(_ area: PixelArea) -> [Int] {
        [
            Int((x * Double(area.width)).rounded()), Int((y * Double(area.height)).rounded()),
            Int(((x + width) * Double(area.width)).rounded()),
            Int(((y + height) * Double(area.height)).rounded()),
        ]
    }
}
