import Foundation

/// A change of the composed picture.
enum ComposeEdit: Sendable, Equatable {
    /// By parts of the canvas.
    case move(x: Double, y: Double)
    /// The middle goes there.
    case moveTo(x: Double, y: Double)
    case scale(Double)
    case turn(Double)
    case flip
    /// One step to the front or, with `false`, to the back.
    case raise(Bool)

    /// Steps of keys: coarse and fine, in parts of the canvas.
    static let step = 0.04
    static let fineStep = 0.005
    /// One press of `+`.
    static let growth = 1.1
    /// One press of `r`, in degrees.
    static let angle = 15.0

    /// Changes of the same kind one after the other are one step of undo; `nil` for those that are
    /// each a step of their own.
    var kind: String? {
        switch self {
        case .move: "move"
        case .moveTo: "drag"
        case .scale: "scale"
        case .turn: "turn"
        case .flip, .raise: nil
        }
    }
}

extension ComposeScene {
    /// The smallest and the largest extent of a piece, in parts of the canvas.
    static let extent = 0.03...2.0

    mutating func apply(_ edit: ComposeEdit, to id: Int) {
        guard let index = pieces.firstIndex(where: { $0.id == id }) else { return }
        switch edit {
        case .move(let x, let y):
            pieces[index].x = Self.inside(pieces[index].x + x)
            pieces[index].y = Self.inside(pieces[index].y + y)
        case .moveTo(let x, let y):
            pieces[index].x = Self.inside(x)
            pieces[index].y = Self.inside(y)
        case .scale(let factor):
            let high = height(of: pieces[index])
            let longer = max(pieces[index].width, high)
            guard longer > 0, factor > 0 else { return }
            let wanted = min(max(longer * factor, Self.extent.lowerBound), Self.extent.upperBound)
            pieces[index].width *= wanted / longer
        case .turn(let degrees):
            let turned = (pieces[index].rotation + degrees).remainder(dividingBy: 360)
            pieces[index].rotation = turned == -180 ? 180 : turned
        case .flip:
            pieces[index].isFlipped.toggle()
            // Mirroring what is seen also mirrors the turn.
            pieces[index].rotation = pieces[index].rotation == 180 ? 180 : -pieces[index].rotation
        case .raise(let isUp):
            let other = isUp ? index + 1 : index - 1
            guard pieces.indices.contains(other) else { return }
            pieces.swapAt(index, other)
        }
    }

    /// The middle stays on the canvas, so that no piece is lost outside.
    private static func inside(_ value: Double) -> Double { min(max(0, value), 1) }
}

/// What was done and can be taken back on this screen.
struct ComposeHistory: Sendable {
    private var past: [ComposeScene] = []
    private var future: [ComposeScene] = []
    private var latest: (kind: String, at: ContinuousClock.Instant)?

    static let limit = 200
    /// A pause this long starts a new step.
    static let pause = Duration.seconds(1)

    var canUndo: Bool { !past.isEmpty }
    var canRedo: Bool { !future.isEmpty }

    /// Remembers the scene before a change; changes of one kind in quick succession are one step.
    mutating func record(_ before: ComposeScene, kind: String?, now: ContinuousClock.Instant) {
        future = []
        defer { latest = kind.map { ($0, now) } }
        if let latest, latest.kind == kind, now - latest.at < Self.pause, !past.isEmpty { return }
        past.append(before)
        if past.count > Self.limit { past.removeFirst() }
    }

    /// The next change is a step of its own, whatever it is.
    mutating func endStep() { latest = nil }

    mutating func undo(_ now: ComposeScene) -> ComposeScene? {
        latest = nil
        guard let scene = past.popLast() else { return nil }
        future.append(now)
        return scene
    }

    mutating func redo(_ now: ComposeScene) -> ComposeScene? {
        latest = nil
        guard let scene = future.popLast() else { return nil }
        past.append(now)
        return scene
    }
}
