import ImageCodecs
import Testing

/// Exactness against the reference is tested beside the image preprocessor, with its golden data.
@Suite struct ResamplerTests {
    @Test(arguments: [(1, 1), (7, 3), (48, 32), (200, 90)])
    func flatPicturesStayFlat(width: Int, height: Int) {
        let flat = RGBImage(
            width: 40, height: 30, pixels: (0..<40 * 30 * 3).map { [13, 130, 255][$0 % 3] })
        let resized = Resampler.bicubic(flat, width: width, height: height)
        #expect(resized.width == width)
        #expect(resized.height == height)
        #expect(
            resized.pixels.enumerated().allSatisfy { abs(Int($1) - [13, 130, 255][$0 % 3]) <= 1 })
    }

    @Test func sameSizeIsUntouched() {
        let image = Sample.pattern(width: 9, height: 17).flattened()
        #expect(Resampler.bicubic(image, width: 9, height: 17) == image)
    }

    @Test func opaquePicturesResizeAlikeWithAndWithoutAlpha() {
        let image = Sample.pattern(width: 40, height: 33)
        let resized = Resampler.bicubic(image, width: 17, height: 50)
        #expect(resized.isOpaque)
        #expect(resized.flattened() == Resampler.bicubic(image.flattened(), width: 17, height: 50))
    }

    /// Black under full transparency must not darken the edge of a white shape.
    @Test func hiddenColorsDoNotBleed() {
        let row = [UInt8](repeating: 255, count: 4 * 8) + [UInt8](repeating: 0, count: 4 * 8)
        let image = RGBAImage(width: 16, height: 4, pixels: row + row + row + row)
        let small = Resampler.bicubic(image, width: 5, height: 4)
        #expect((1...254).contains(small.pixels[2 * 4 + 3]))
        for x in 0..<3 { #expect(small.pixels[x * 4] >= 254, "column \(x)") }
    }

    @Test(arguments: [(300, 200, 100, 100, 67), (200, 300, 100, 67, 100), (4000, 3, 100, 100, 1)])
    func thumbnailsFit(width: Int, height: Int, side: Int, newWidth: Int, newHeight: Int) {
        let image = RGBImage(
            width: width, height: height, pixels: [UInt8](repeating: 9, count: width * height * 3))
        let small = Resampler.thumbnail(image, fitting: side)
        #expect((small.width, small.height) == (newWidth, newHeight))
        #expect(Resampler.thumbnail(small, fitting: side) == small)
    }
}
