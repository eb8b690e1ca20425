import ImageCodecs
import Testing

@Suite struct ImageEncoderTests {
    @Test func pngRoundTripIsExact() throws {
        let opaque = Sample.pattern(width: 61, height: 43)
        var ghost = opaque
        for i in stride(from: 3, to: ghost.pixels.count, by: 4) { ghost.pixels[i] = UInt8(i % 251) }
        #expect(try ImageDecoder.decode(ImageEncoder.png(ghost), name: "") == ghost)
        #expect(try ImageDecoder.decode(ImageEncoder.png(opaque.flattened()), name: "") == opaque)
    }

    /// Large enough for the output buffer to grow several times.
    @Test func noisyPicturesAreWrittenWhole() throws {
        var state: UInt32 = 1
        let noise = (0..<400 * 300 * 3).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        let image = RGBImage(width: 400, height: 300, pixels: noise)
        #expect(try ImageDecoder.decode(ImageEncoder.png(image), name: "").flattened() == image)
        let jpeg = try ImageDecoder.decode(ImageEncoder.jpeg(image, quality: 100), name: "")
            .flattened()
        let error = zip(jpeg.pixels, noise).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(error / noise.count <= 2)
    }

    @Test(arguments: [-5, 1, 80, 90, 1000])
    func jpegOfAnyQualityIsReadable(quality: Int) throws {
        let image = try Sample.image("plain.jpg").flattened()
        let decoded = try ImageDecoder.decode(ImageEncoder.jpeg(image, quality: quality), name: "")
        #expect((decoded.width, decoded.height) == (48, 32))
        #expect(quality < 80 || decoded.showsQuadrants)
    }

    @Test func emptyPicturesAreRefused() {
        let image = RGBImage(width: 0, height: 3, pixels: [])
        #expect(throws: ImageWriteError.impossibleSize(format: .png, width: 0, height: 3)) {
            try ImageEncoder.png(image)
        }
        #expect(throws: ImageWriteError.impossibleSize(format: .jpeg, width: 0, height: 3)) {
            try ImageEncoder.jpeg(image, quality: 80)
        }
    }
}
