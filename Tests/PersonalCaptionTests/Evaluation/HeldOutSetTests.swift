import Foundation
import ImageCodecs
import Testing

@testable import PersonalCaption

@Suite struct HeldOutSetTests {
    private static let pack: AssetPack? = try? AssetPack(
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Samples/recipe/assets.pack"))

    private func set(_ options: HeldOutOptions) throws -> EvaluationSet {
        try HeldOutSet(pack: try #require(Self.pack), options: options).evaluationSet()
    }

    @Test func thePackHoldsTheDrawingsOfTheModelCard() throws {
        let pack = try #require(Self.pack)
        #expect(pack.drawings.count == 2430)
        #expect(pack.drawings.count(where: \.isHeldOut) == 351)
        let image = try pack.image(of: pack.drawings[0])
        #expect(max(image.width, image.height) <= 128)
    }

    @Test func theSameOptionsGiveTheSamePictures() throws {
        let options = HeldOutOptions(librarySize: 20, pictures: 3, visible: 2)
        let (first, second) = (try set(options), try set(options))
        #expect(first.concepts.map(\.name) == second.concepts.map(\.name))
        for (a, b) in zip(first.queries, second.queries) {
            #expect(try a.picture?.image() == b.picture?.image())
            #expect(a.present == b.present && a.absent == b.absent)
        }
        let other = try set(HeldOutOptions(librarySize: 20, pictures: 3, visible: 2, seed: 2))
        #expect(try other.queries[0].picture?.image() != first.queries[0].picture?.image())
    }

    @Test func whatIsInAPictureIsKnown() throws {
        for visible in [0, 1, 4] {
            let set = try set(HeldOutOptions(librarySize: 12, pictures: 4, visible: visible))
            for query in set.queries {
                #expect(query.present.count == visible)
                #expect(Set(query.present).isDisjoint(with: query.absent))
                let picture = try #require(try query.picture?.image())
                #expect(picture.width == 224 && picture.height == 224)
                let boxes = try query.boxes()
                #expect(Set(boxes.keys) == Set(query.present))
                for box in boxes.values {
                    #expect(box[0] >= 0 && box[1] >= 0 && box[2] <= 224 && box[3] <= 224)
                    #expect(box[2] - box[0] >= 8 && box[3] - box[1] >= 8, "\(box)")
                }
            }
        }
    }

    @Test func oblongPicturesFitTheModel() throws {
        let set = try set(HeldOutOptions(librarySize: 10, pictures: 8, isOblong: true))
        let pictures =
            try set.queries.compactMap { try $0.picture?.image() }
            + set.concepts.compactMap { try $0.picture?.image() }
        #expect(pictures.allSatisfy { $0.width % 28 == 0 && $0.height % 28 == 0 })
        #expect(pictures.allSatisfy { $0.width * $0.height <= 50_176 })
        #expect(pictures.contains { $0.width != $0.height })
    }

    @Test func librariesHaveLookAlikes() throws {
        for size in [10, 50, 200] {
            let set = try set(HeldOutOptions(librarySize: size, pictures: 1))
            let kinds = Dictionary(grouping: set.concepts, by: \.category)
            let alone = kinds.values.count { $0.count == 1 }
            #expect(alone <= size / 10, "\(alone) of \(size) have no like")
            #expect(Set(set.concepts.map { NameKey($0.name) }).count == size)
        }
    }

    @Test func namesAreOrdinaryOrInvented() throws {
        let ordinary = try set(HeldOutOptions(librarySize: 30, pictures: 1))
        #expect(ordinary.concepts.allSatisfy { HeldOutNames.ordinary.contains($0.name) })
        let invented = try set(HeldOutOptions(librarySize: 200, pictures: 1, names: .invented))
        #expect(Set(invented.concepts.map { NameKey($0.name) }).count == 200)
        #expect(invented.concepts.contains { $0.name.contains(" ") })
        #expect(HeldOutNames.ordinary.count == Set(HeldOutNames.ordinary.map(NameKey.init)).count)
        #expect(HeldOutNames.ordinary.count >= HeldOutOptions.mostConcepts)
    }

    @Test func infoCanBeTakenAway() throws {
        let hidden = try set(HeldOutOptions(librarySize: 10, pictures: 1, hidesKind: true))
        #expect(hidden.concepts.allSatisfy { $0.info == "none" })
    }

    /// A drawing without turn, shear or light lies exactly where it was put.
    @Test func anUnturnedDrawingLiesWhereItWasPut() {
        let red = RGBAImage(
            width: 10, height: 6,
            pixels: Array(repeatElement([255, 0, 0, 255], count: 60).joined()))
        let backdrop = SceneBackdrop(width: 40, height: 30, seed: 1)
        var canvas = SceneCanvas(width: 40, height: 30, backdrop: backdrop)
        let box = canvas.put(red, SpritePose(x: 14.5, y: 12.5, size: 10))
        #expect(box == [10, 10, 20, 16])
        var draw = IndexDraw(seed: 2)
        _ = draw.nextFlip()
        #expect(canvas.put(red, SpritePose(x: -100, y: 0, size: 10)) == nil)
    }

    @Test func tooLargeLibrariesAreRefused() throws {
        #expect(throws: AssetPackError.self) {
            try set(HeldOutOptions(librarySize: 349, pictures: 1))
        }
    }

    @Test func damagedPacksAreRefused() throws {
        let url = URL(filePath: #filePath)
        #expect(throws: AssetPackError.self) { try AssetPack(url) }
        var zip = Data([0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18))
        #expect(StoredZip.entries(of: zip)?.isEmpty == true)
        zip[10] = 3
        #expect(StoredZip.entries(of: zip) == nil)
        var draw = IndexDraw(seed: 4)
        for length in 0..<200 {
            let noise = Data((0..<length).map { _ in UInt8(draw.next(below: 256)) })
            _ = StoredZip.entries(of: noise + zip)
        }
    }
}
