import Foundation
import ImageCodecs
import Testing

@Suite struct DecodingTests {
    @Test(arguments: ["plain.jpg", "subsampled.jpg", "progressive.jpg", "lossy.webp"])
    func lossyPicturesKeepTheirColors(name: String) throws {
        let image = try Sample.image(name)
        #expect(image.showsQuadrants)
        #expect(image.isOpaque)
    }

    @Test(arguments: ["plain.png", "lossless.webp", "more-than-its-rows.png"])
    func losslessPicturesKeepEveryBit(name: String) throws {
        #expect(try Sample.image(name) == Sample.pattern(width: 9, height: 17))
    }

    /// Small sizes leave some of the seven passes empty.
    @Test(arguments: [(1, 1), (2, 1), (1, 2), (1, 5), (3, 5), (5, 3), (8, 8), (9, 17)])
    func interlacedPNGIsPutTogether(width: Int, height: Int) throws {
        let image = try Sample.image("interlaced-\(width)x\(height).png")
        #expect(image == Sample.pattern(width: width, height: height))
    }

    @Test func sixteenBitGreyIsScaledAndRounded() throws {
        let values = [0, 127, 128, 129, 255, 256, 385, 32767, 32768, 65406, 65407, 65535]
        let image = try Sample.image("grey16.png")
        for (x, value) in values.enumerated() {
            let expected = UInt8((value * 255 + 32767) / 65535)
            #expect(image.pixel(x, 0) == [expected, expected, expected, 255], "\(value)")
        }
    }

    @Test func sixteenBitColorKeepsAlpha() throws {
        let image = try Sample.image("rgba16.png")
        #expect(image.pixel(0, 0) == [255, 128, 0, 255])
        #expect(image.pixel(1, 0) == [1, 2, 3, 1])
    }

    @Test func paletteAndItsTransparencyAreLookedUp() throws {
        let image = try Sample.image("palette.png")
        #expect(image.pixels == [255, 0, 0, 0, 0, 255, 0, 128, 0, 0, 255, 255, 9, 8, 7, 255])
        #expect(!image.isOpaque)
    }

    @Test func greyPNGBecomesColor() throws {
        #expect(
            try Sample.image("grey1.png").flattened().pixels == [
                255, 255, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0,
            ])
        #expect(try Sample.image("grey-key.png").pixels == [7, 7, 7, 0, 8, 8, 8, 255])
    }

    @Test func greyJPEGBecomesColor() throws {
        let image = try Sample.image("grey.jpg")
        #expect(image.shows([89, 89, 89, 255], at: 12, 8))  // 0.299·220 + 0.587·30 + 0.114·30
    }

    /// Ink or light, with or without the luminance transform: all are the same colour.
    @Test(arguments: ["cmyk-adobe.jpg", "cmyk-plain.jpg", "ycck-adobe.jpg"])
    func printColorsBecomeScreenColors(name: String) throws {
        #expect(try Sample.image(name).shows([200, 30, 40, 255], at: 8, 8, within: 4))
    }

    @Test func transparencyOfWebPIsRead() throws {
        let image = try Sample.image("alpha.webp")
        #expect(image.pixel(12, 0)[3] < 20)
        #expect(image.pixel(12, 31)[3] > 235)
        #expect(try ImageDecoder.info(Sample.data("alpha.webp"), name: "").hasAlpha)
    }

    @Test(arguments: Sample.goodNames)
    func headerAgreesWithPixels(name: String) throws {
        let info = try ImageDecoder.info(Sample.data(name), name: name)
        let image = try Sample.image(name)
        #expect(info.width == image.width)
        #expect(info.height == image.height)
        #expect(info.hasAlpha || image.isOpaque)
        #expect(info.format == ImageFormat(sniffing: try Sample.data(name)))
    }

    @Test func flatteningPutsColorsOnWhite() {
        let image = RGBAImage(
            width: 3, height: 1, pixels: [10, 20, 30, 0, 10, 20, 30, 255, 0, 100, 200, 128])
        // 0·128/255 + 127 = 127; (100·128 + 255·127)/255 = 177.2; (200·128 + 255·127)/255 = 227.4
        #expect(image.flattened().pixels == [255, 255, 255, 10, 20, 30, 127, 177, 227])
        #expect(image.flattened(onto: (0, 0, 0)).pixels.prefix(3) == [0, 0, 0])
    }

    @Test(arguments: ["plain.jpg", "orientation-6.jpg", "orientation-6.png", "lossy.webp"])
    func thumbnailsAreUprightAndSmall(name: String) throws {
        let data = try Sample.data(name)
        let small = try ImageDecoder.decodeThumbnail(data, name: name, fitting: 12)
        #expect(small.width == 12)
        #expect(small.height == 8)
        #expect(RGBAImage(small).shows([220, 30, 30], at: 2, 1, within: 25))
        #expect(RGBAImage(small).shows([230, 210, 40], at: 9, 6, within: 25))
        let whole = try ImageDecoder.decodeThumbnail(data, name: name, fitting: 100)
        #expect(RGBAImage(whole).showsQuadrants)
    }
}
