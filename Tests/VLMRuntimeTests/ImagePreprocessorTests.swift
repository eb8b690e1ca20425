import Foundation
import ImageCodecs
import Testing
import VLMRuntime

@Suite struct ImagePreprocessorTests {
    /// Resizing, normalisation, patch order: all in one comparison, bit by bit.
    @Test func pixelValuesAreThoseOfTheReference() throws {
        let configuration = try ImagePreprocessorConfiguration(
            directory: ImageGoldens.folder.appendingPathComponent("ckpt-new"))
        let preprocess = ImagePreprocessor(configuration)
        let images = try ["img0.png", "img1.png"].map { try preprocess(ImageGoldens.image($0)) }
        #expect(
            images.map(\.grid) == [
                PatchGrid(height: 12, width: 18), PatchGrid(height: 22, width: 8),
            ])
        #expect(images.map { $0.grid.tokenCount() } == [54, 44])
        let golden = try ImageGoldens.floats("pixel_values", in: "golden.safetensors")
        #expect(golden.shape == [392, 1176])
        #expect(images.map(\.pixelValues.rows).reduce(0, +) == 392)
        let values = images.flatMap(\.pixelValues.values)
        #expect(values.map(\.bitPattern) == golden.values.map(\.bitPattern))
    }

    @Test func geometryRemembersBothSizes() throws {
        let image = try ImageGoldens.image("img0.png")
        let result = try ImagePreprocessor(ImagePreprocessorConfiguration())(image)
        #expect(
            result.geometry
                == ImageGeometry(
                    originalWidth: 250, originalHeight: 180, resizedWidth: 252, resizedHeight: 168))
    }

    @Test func theBudgetOfTheCallWins() throws {
        let image = try ImageGoldens.image("img0.png")
        let preprocess = ImagePreprocessor(ImagePreprocessorConfiguration())
        let small = try preprocess(image, pixelBudget: 1...10_000)
        #expect(small.grid.patchCount * 14 * 14 <= 10_000)
        let large = try preprocess(image, pixelBudget: 200_000...400_000)
        #expect((200_000...400_000).contains(large.grid.patchCount * 14 * 14))
    }

    @Test func impossiblePicturesAreRefused() {
        let preprocess = ImagePreprocessor(ImagePreprocessorConfiguration())
        let thread = RGBImage(width: 1, height: 201, pixels: [UInt8](repeating: 0, count: 603))
        #expect(throws: ImagePreprocessingError.tooLong(width: 1, height: 201)) {
            try preprocess(thread)
        }
        #expect(throws: ImagePreprocessingError.emptyImage(width: 0, height: 0)) {
            try preprocess(RGBImage(width: 0, height: 0, pixels: []))
        }
    }
}
