import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import Testing

@testable import StudioTUI

/// Where pieces are, without any screen.
@Suite struct AppComposeSceneTests {
    private func piece(
        _ id: Int = 1, x: Double = 0.5, y: Double = 0.5, width: Double = 0.4,
        size: (Int, Int) = (100, 50)
    ) -> ComposePiece {
        ComposePiece(
            id: id, slot: id - 1, concept: Int64(id), name: "P\(id)",
            picture: ReferenceImage(
                id: 1, path: "images/a.png", width: size.0, height: size.1, sha256: "\(id)"),
            x: x, y: y, width: width)
    }

    private func scene(_ pieces: ComposePiece..., canvas: PixelArea = .square) -> ComposeScene {
        ComposeScene(canvas: canvas, pieces: pieces)
    }

    @Test func placementIsTheLeftTopCorner() {
        let scene = scene(piece(), canvas: PixelArea(width: 400, height: 200))
        let placement = scene.placement(of: scene.pieces[0])
        // 160 pixels wide and 80 high around the middle.
        #expect(placement.x.pixels(of: 400).rounded() == 120)
        #expect(placement.y.pixels(of: 200).rounded() == 60)
        #expect(placement.width.pixels(of: 400).rounded() == 160)
    }

    @Test func turningWidensTheBounds() {
        var scene = scene(piece(), canvas: PixelArea(width: 400, height: 200))
        #expect(scene.bounds(of: scene.pieces[0]).pixels(scene.canvas) == [120, 60, 280, 140])
        scene.apply(.turn(90), to: 1)
        #expect(scene.bounds(of: scene.pieces[0]).pixels(scene.canvas) == [160, 20, 240, 180])
    }

    @Test func theFrontMostPieceIsHit() {
        let scene = scene(piece(1), piece(2, x: 0.6))
        #expect(scene.piece(atX: 0.55, y: 0.5)?.id == 2)
        #expect(scene.piece(atX: 0.35, y: 0.5)?.id == 1)
        #expect(scene.piece(atX: 0.5, y: 0.9) == nil)
    }

    @Test func aTurnedPieceIsHitWhereItIsSeen() {
        var scene = scene(piece())
        scene.apply(.turn(90), to: 1)
        #expect(scene.piece(atX: 0.5, y: 0.68)?.id == 1)
        #expect(scene.piece(atX: 0.68, y: 0.5) == nil)
    }

    @Test func piecesStayOnTheCanvas() {
        var scene = scene(piece())
        scene.apply(.move(x: 5, y: -5), to: 1)
        #expect(scene.pieces[0].x == 1)
        #expect(scene.pieces[0].y == 0)
        for _ in 0..<200 { scene.apply(.scale(1.1), to: 1) }
        #expect(scene.pieces[0].width <= 2)
        for _ in 0..<200 { scene.apply(.scale(0.9), to: 1) }
        #expect(abs(scene.pieces[0].width - 0.03) < 1e-9)
    }

    @Test func turnsStayWithinHalfACircle() {
        var scene = scene(piece())
        for _ in 0..<24 { scene.apply(.turn(15), to: 1) }
        #expect(abs(scene.pieces[0].rotation) < 1e-9)
        for _ in 0..<12 { scene.apply(.turn(-15), to: 1) }
        #expect(scene.pieces[0].rotation == 180)
    }

    @Test func flippingMirrorsWhatIsSeen() throws {
        var scene = scene(piece(width: 0.5, size: (40, 40)), canvas: .square)
        scene.apply(.turn(30), to: 1)
        func picture(_ scene: ComposeScene) throws -> Composition {
            var image = ComposeFixture.cutOut(width: 40, height: 40, red: 200)
            // One corner apart from the others, so that a mirror image differs.
            for y in 2..<20 { for x in 2..<20 { image.pixels[4 * (y * 40 + x)] = 10 } }
            return try Composition.compose(
                [ComposedItem(placement: scene.placement(of: scene.pieces[0]), image: image)],
                on: RGBImage(
                    width: 100, height: 100, pixels: Array(repeating: 255, count: 30000)))
        }
        let before = try picture(scene).image
        scene.apply(.flip, to: 1)
        let after = try picture(scene).image
        func red(_ image: RGBImage, _ x: Int, _ y: Int) -> UInt8 { image.pixels[3 * (y * 100 + x)] }
        var differences = 0
        for y in 0..<100 {
            for x in 0..<100 where abs(Int(red(before, x, y)) - Int(red(after, 99 - x, y))) > 40 {
                differences += 1
            }
        }
        #expect(before != after)
        #expect(differences < 100, "\(differences) of 10,000 pixels are not mirrored")
    }

    @Test func orderChangesByOneStep() {
        var scene = scene(piece(1), piece(2), piece(3))
        scene.apply(.raise(true), to: 1)
        #expect(scene.pieces.map(\.id) == [2, 1, 3])
        scene.apply(.raise(false), to: 2)
        #expect(scene.pieces.map(\.id) == [2, 1, 3])
    }

    @Test func shuffleIsTheSameForTheSameSeed() {
        let scene = scene(
            piece(1, size: (10, 10)), piece(2, size: (10, 10)), piece(3, size: (10, 10)),
            piece(4, size: (10, 10)))
        let one = ComposeArrangement.shuffled(scene, seed: 7)
        #expect(one == ComposeArrangement.shuffled(scene, seed: 7))
        #expect(one != ComposeArrangement.shuffled(scene, seed: 8))
        for seed in 1...20 as ClosedRange<UInt64> {
            let boxes = ComposeArrangement.shuffled(scene, seed: seed)
            let bounds = boxes.pieces.map { boxes.bounds(of: $0) }
            for box in bounds {
                #expect(box.x > -1e-9 && box.x + box.width < 1 + 1e-9)
                #expect(box.y > -1e-9 && box.y + box.height < 1 + 1e-9)
            }
            for (index, box) in bounds.enumerated() {
                for other in bounds[(index + 1)...] { #expect(box.overlap(other) == 0) }
            }
        }
    }

    @Test func historyPutsQuickStepsTogether() throws {
        var history = ComposeHistory()
        let now = ContinuousClock.now
        let scenes = (0..<5).map { scene(piece(1, x: Double($0) / 10)) }
        history.record(scenes[0], kind: "move 1", now: now)
        history.record(scenes[1], kind: "move 1", now: now + .milliseconds(200))
        history.record(scenes[2], kind: "move 1", now: now + .seconds(3))
        history.record(scenes[3], kind: nil, now: now + .seconds(3))
        #expect(history.undo(scenes[4]) == scenes[3])
        #expect(history.undo(scenes[3]) == scenes[2])
        #expect(history.undo(scenes[2]) == scenes[0])
        #expect(history.undo(scenes[0]) == nil)
        #expect(history.redo(scenes[0]) == scenes[2])
    }

    @Test func previewTellsWhatCannotBeSeen() {
        let image = ComposeFixture.cutOut(width: 20, height: 20, red: 200)
        let items = [
            ComposePreviewJob.Item(
                id: 4,
                placement: Placement(
                    name: "a", x: .fraction(0.4), y: .fraction(0.4), width: .fraction(0.1)),
                image: image),
            ComposePreviewJob.Item(
                id: 9,
                placement: Placement(
                    name: "a", x: .fraction(0.1), y: .fraction(0.1), width: .fraction(0.8)),
                image: image),
        ]
        let preview = ComposePreview.make(
            ComposePreviewJob(
                revision: 3, area: PixelArea(width: 100, height: 100), background: .plain("white"),
                items: items))
        #expect(preview.revision == 3)
        #expect(preview.problems == [4: "hidden behind another piece"])
        #expect(preview.boxes[9]?.pixels(.square) != nil)
        #expect(preview.boxes[4] == nil)
        #expect(preview.image.image.width == 100)
    }

    @Test func typedPathsAreReadAsInAShell() throws {
        let place = PathPlace(home: "/h/me", folder: "/w")
        func path(_ typed: String) throws -> String {
            try TypedPath.read(typed, in: place).get().path
        }
        #expect(try path("a.png") == "/w/a.png")
        #expect(try path(" ~/b/../c.png ") == "/h/me/c.png")
        #expect(try path("'with space.png'") == "/w/with space.png")
        #expect(try path("bare space.png") == "/w/bare space.png")
        let odd = URL(fileURLWithPath: "/w/it's (1) $a.png")
        #expect(try path(TypedPath.written(odd)) == odd.path)
        #expect(throws: TypedPath.Problem.self) { try TypedPath.read("  ", in: place).get() }
    }
}
