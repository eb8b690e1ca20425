import ImageCodecs
import Testing

@testable import PersonalCaption

struct CompositionTests {
    private let background = Fixtures.picture(100, 80, [0, 0, 200])

    /// An opaque or partly transparent picture of one colour.
    private func plain(
        _ width: Int, _ height: Int, _ color: [UInt8] = [200, 0, 0], alpha: UInt8 = 255
    ) -> RGBAImage {
        let pixel = color + [alpha]
        return RGBAImage(
            width: width, height: height,
            pixels: Array(repeatElement(pixel, count: width * height).joined()))
    }

    private func item(_ text: String, _ image: RGBAImage, isFramed: Bool = false) throws
        -> ComposedItem
    {
        ComposedItem(placement: try Placement(parsing: text), image: image, isFramed: isFramed)
    }

    private func pixel(_ image: RGBImage, _ x: Int, _ y: Int) -> [UInt8] {
        let start = 3 * (y * image.width + x)
        return Array(image.pixels[start..<start + 3])
    }

    @Test func heightFollowsThePictureAndTheBoxIsExact() throws {
        let made = try Composition.compose([item("a@10,20,40", plain(20, 10))], on: background)
        #expect(made.boxes == [PlacedBox(name: "a", box: [10, 20, 50, 40])])
        #expect(pixel(made.image, 10, 20) == [200, 0, 0])
        #expect(pixel(made.image, 49, 39) == [200, 0, 0])
        #expect(pixel(made.image, 9, 20) == [0, 0, 200])
        #expect(pixel(made.image, 50, 39) == [0, 0, 200])
        #expect(pixel(made.image, 10, 40) == [0, 0, 200])
    }

    @Test func percentagesAreOfTheBackground() throws {
        let made = try Composition.compose([item("a@10%,50%,30%", plain(10, 10))], on: background)
        #expect(made.boxes[0].box == [10, 40, 40, 70])
    }

    @Test func theBoxIsClippedAtTheBorder() throws {
        let made = try Composition.compose(
            [item("a@-10,-5,20", plain(10, 10)), item("b@90,70,40", plain(10, 10))], on: background)
        #expect(made.boxes.map(\.box) == [[0, 0, 10, 15], [90, 70, 100, 80]])
    }

    @Test func transparencyBlendsAndDoesNotCount() throws {
        var cutout = plain(20, 20)
        for y in 0..<20 { for x in 0..<5 { cutout.pixels[4 * (y * 20 + x) + 3] = 0 } }
        let made = try Composition.compose([item("a@10,10,20", cutout)], on: background)
        #expect(made.boxes[0].box == [15, 10, 30, 30])
        #expect(pixel(made.image, 10, 10) == [0, 0, 200])
        let half = try Composition.compose(
            [item("a@10,10,20", plain(20, 20, alpha: 51))], on: background)
        #expect(pixel(half.image, 20, 20) == [40, 0, 160])
        #expect(half.boxes[0].box == [10, 10, 30, 30])
    }

    @Test func whatLiesBehindShowsOnlyItsVisiblePart() throws {
        let items = try [
            item("a@0,0,40", plain(10, 10)), item("b@20,0,40", plain(10, 10, [0, 9, 0])),
        ]
        let made = try Composition.compose(items, on: background)
        #expect(made.boxes.map(\.box) == [[0, 0, 20, 40], [20, 0, 60, 40]])
        #expect(pixel(made.image, 20, 0) == [0, 9, 0])
    }

    @Test func flipExchangesLeftAndRight() throws {
        var picture = plain(20, 10)
        for y in 0..<10 { for x in 0..<10 { picture.pixels[4 * (y * 20 + x)] = 50 } }
        let plainMade = try Composition.compose([item("a@0,0,20", picture)], on: background)
        let flipped = try Composition.compose([item("a@0,0,20,flip", picture)], on: background)
        #expect(pixel(plainMade.image, 1, 5) == pixel(flipped.image, 18, 5))
        #expect(pixel(plainMade.image, 1, 5) != pixel(plainMade.image, 18, 5))
    }

    @Test func aQuarterTurnIsClockwiseAndExact() throws {
        var picture = plain(20, 10)
        for y in 0..<10 { for x in 0..<10 { picture.pixels[4 * (y * 20 + x)] = 50 } }
        let made = try Composition.compose([item("a@40,40,20,r90", picture)], on: background)
        #expect(made.boxes[0].box == [45, 35, 55, 55])
        #expect(pixel(made.image, 50, 36)[0] == 50, "the left end points up")
        #expect(pixel(made.image, 50, 53)[0] == 200)
        let half = try Composition.compose([item("a@40,40,20,r180", picture)], on: background)
        let turned = try Composition.compose([item("a@40,40,20,r-180", picture)], on: background)
        #expect(half == turned)
        #expect(half.boxes[0].box == [40, 40, 60, 50])
    }

    @Test func aSlightTurnStaysAroundItsMiddle() throws {
        let made = try Composition.compose([item("a@40,30,20,r30", plain(10, 10))], on: background)
        let box = made.boxes[0].box
        #expect(box[0] + box[2] == 100)
        #expect(box[1] + box[3] == 80)
        #expect((26...28).contains(box[2] - box[0]), "20 · (cos 30° + sin 30°) is 27.3")
    }

    @Test func aPhotoGetsAWhiteEdgeAndACutoutDoesNot() throws {
        let photo = try Composition.compose(
            [item("a@10,10,50", plain(10, 10), isFramed: true)], on: background)
        #expect(pixel(photo.image, 10, 10) == [255, 255, 255])
        #expect(pixel(photo.image, 30, 30) == [200, 0, 0])
        let cutout = try Composition.compose(
            [item("a@10,10,50", plain(10, 10, alpha: 254), isFramed: true)], on: background)
        #expect(pixel(cutout.image, 10, 10)[0] < 255)
    }

    @Test(arguments: [
        ("a@100,0,20", CompositionError.outside(name: "a", width: 100, height: 80)),
        ("a@-20,0,20", .outside(name: "a", width: 100, height: 80)),
        ("a@0,80,20", .outside(name: "a", width: 100, height: 80)),
        ("a@-100000,-100000,20", .outside(name: "a", width: 100, height: 80)),
        ("a@0,0,0", .zeroSize(name: "a")), ("a@0,0,-5", .zeroSize(name: "a")),
        ("a@0,0,0.4", .zeroSize(name: "a")),
        ("a@0,0,100000", .tooLarge(name: "a", width: 100_000)),
        ("a@0,0,100000%", .tooLarge(name: "a", width: 100_000)),
    ])
    func whatCouldNotBeSeenIsRefused(text: String, expected: CompositionError) {
        #expect(throws: expected) {
            try Composition.compose([item(text, plain(10, 10))], on: background)
        }
    }

    @Test func hiddenTransparentAndTooManyAreRefused() throws {
        let covered = try [item("a@20,20,10", plain(4, 4)), item("b@10,10,40", plain(4, 4))]
        #expect(throws: CompositionError.covered(name: "a")) {
            try Composition.compose(covered, on: background)
        }
        #expect(throws: CompositionError.transparent(name: "a")) {
            try Composition.compose([item("a@1,1,9", plain(4, 4, alpha: 0))], on: background)
        }
        let five = try (0..<5).map { try item("n\($0)@\($0 * 10),0,8", plain(4, 4)) }
        #expect(throws: CompositionError.tooMany(found: 5, limit: 4)) {
            try Composition.compose(five, on: background)
        }
    }

    @Test func backgroundsByName() throws {
        for known in Background.named {
            let picture = known.picture(width: 3, height: 5)
            #expect(Array(picture.pixels.prefix(3)) == known.top)
            #expect(Array(picture.pixels.suffix(3)) == known.bottom)
        }
        #expect(Background("SKY") == Background("sky"))
        #expect(Background("#ff8000")?.top == [255, 128, 0])
        #expect(Background("sky")?.picture(width: 1, height: 1).pixels == Background("sky")?.top)
        for text in ["", "#12345", "#gggggg", "beach.png", "#1234567"] {
            #expect(Background(text) == nil)
        }
    }
}
