import Foundation
import ImageCodecs
import Testing
import VLMRuntime

@Suite struct ImageResizeTests {
    /// Every byte must agree with torchvision, which the checkpoints were trained with.
    @Test(arguments: [
        ("img0", "img0.png"), ("img1", "img1.png"), ("big_down", "big.png"),
        ("big_mixed", "big.png"),
    ])
    func bicubicIsTorchvisions(tensor: String, file: String) throws {
        let (shape, planes) = try ImageGoldens.tensor(
            "\(tensor).tv", in: "golden_resize.safetensors")
        let (height, width) = (shape[1], shape[2])
        let resized = Resampler.bicubic(
            try ImageGoldens.image(file), width: width, height: height)
        let differing = (0..<planes.count).count { i in
            let (channel, pixel) = i.quotientAndRemainder(dividingBy: width * height)
            return planes[i] != resized.pixels[pixel * 3 + channel]
        }
        #expect(differing == 0)
    }

    @Test func sizesAreThoseOfTheReference() throws {
        let data = try Data(contentsOf: ImageGoldens.folder.appendingPathComponent("golden.json"))
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let table = try #require(json["smart_resize"] as? [[Int]])
        #expect(table.count >= 39)
        for row in table {
            let size = try SmartResize.size(
                height: row[0], width: row[1], factor: row[2], minPixels: row[3], maxPixels: row[4])
            #expect([size.height, size.width] == Array(row[5...6]), "\(row)")
        }
    }

    /// Sides exactly between two multiples go to the even one.
    @Test(arguments: [(42, 70, 56, 56), (126, 98, 112, 112), (70, 42, 56, 56)])
    func halvesAreRoundedToEven(height: Int, width: Int, newHeight: Int, newWidth: Int) throws {
        let size = try SmartResize.size(
            height: height, width: width, factor: 28, minPixels: 1, maxPixels: 1 << 30)
        #expect(size == (newHeight, newWidth))
    }

    @Test func onlySensiblePicturesHaveASize() throws {
        let longest = try SmartResize.size(
            height: 2000, width: 10, factor: 28, minPixels: 3136, maxPixels: 1_003_520)
        #expect(longest == (812, 28))
        #expect(throws: ImagePreprocessingError.tooLong(width: 10, height: 2001)) {
            try SmartResize.size(
                height: 2001, width: 10, factor: 28, minPixels: 3136, maxPixels: 1_003_520)
        }
        #expect(throws: ImagePreprocessingError.emptyImage(width: 0, height: 5)) {
            try SmartResize.size(
                height: 5, width: 0, factor: 28, minPixels: 3136, maxPixels: 1_003_520)
        }
    }
}
