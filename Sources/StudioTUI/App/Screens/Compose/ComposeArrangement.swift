import ConceptDB
import Foundation
import VLMRuntime

/// Where pieces go when nobody said where.
enum ComposeArrangement {
    /// Middles of the four quarters, lower ones first: things stand on the ground.
    private static let spots = [(0.28, 0.68), (0.72, 0.68), (0.28, 0.26), (0.72, 0.26)]
    /// Largest width and height of a fresh piece.
    private static let room = (width: 0.42, height: 0.46)
    /// Places tried for a piece, and arrangements tried for all of them.
    private static let tries = 40
    private static let arrangements = 60

    /// A piece at a size and place that leaves room for the others.
    static func place(
        _ concept: Concept, picture: ReferenceImage, id: Int, slot: Int, in scene: ComposeScene
    ) -> ComposePiece {
        let spot = spots[slot % spots.count]
        var piece = ComposePiece(
            id: id, slot: slot, concept: concept.id, name: concept.name, picture: picture,
            x: spot.0, y: spot.1, width: room.width)
        piece.width = fittingWidth(piece, in: scene)
        return piece
    }

    /// The largest width at which a piece stays within its room.
    static func fittingWidth(_ piece: ComposePiece, in scene: ComposeScene) -> Double {
        var piece = piece
        piece.width = room.width
        let high = scene.height(of: piece)
        return high > room.height ? room.width * room.height / high : room.width
    }

    /// New places for all pieces, inside the canvas and beside each other where that is possible.
    ///
    /// The same seed gives the same places.
    static func shuffled(_ scene: ComposeScene, seed: UInt64) -> ComposeScene {
        var random = RandomSource(seed: seed)
        var best: (overlap: Double, scene: ComposeScene)?
        for _ in 0..<arrangements {
            let (arranged, overlap) = arranged(scene, &random)
            if overlap < (best?.overlap ?? .infinity) { best = (overlap, arranged) }
            if overlap == 0 { break }
        }
        return best?.scene ?? scene
    }

    /// One piece after the other, each where it covers least of those before it.
    private static func arranged(
        _ scene: ComposeScene, _ random: inout RandomSource
    ) -> (scene: ComposeScene, overlap: Double) {
        var scene = scene
        var taken: [CanvasBox] = []
        var total = 0.0
        for piece in scene.bySlot {
            var best: (overlap: Double, piece: ComposePiece)?
            for _ in 0..<tries {
                let candidate = moved(piece, in: scene, &random)
                let box = scene.bounds(of: candidate)
                let overlap = taken.reduce(0) { $0 + $1.overlap(box) }
                if overlap < (best?.overlap ?? .infinity) { best = (overlap, candidate) }
                if overlap == 0 { break }
            }
            guard let best, let index = scene.pieces.firstIndex(where: { $0.id == piece.id })
            else { continue }
            scene.pieces[index] = best.piece
            taken.append(scene.bounds(of: best.piece))
            total += best.overlap
        }
        return (scene, total)
    }

    private static func moved(
        _ piece: ComposePiece, in scene: ComposeScene, _ random: inout RandomSource
    ) -> ComposePiece {
        let box = scene.bounds(of: piece)
        var piece = piece
        piece.x = coordinate(box.width, &random)
        piece.y = coordinate(box.height, &random)
        return piece
    }

    /// The middle of something so long that it stays inside, if it can.
    private static func coordinate(_ length: Double, _ random: inout RandomSource) -> Double {
        let unit = random.nextUnit()
        guard length < 1 else { return 0.5 }
        return length / 2 + unit * (1 - length)
    }
}
