/// Changes the size of pictures.
public enum Resampler {
    /// Resizes with antialiased bicubic filtering, exactly as torchvision resizes 8-bit images.
    ///
    /// Width first, then height, rounding to 8 bits in between; an axis that keeps its size is
    /// left alone. About 4 source pixels per axis and result pixel are read when enlarging, and
    /// proportionally more when shrinking.
    ///
    /// - Precondition: all sizes are positive.
    public static func bicubic(_ image: RGBImage, width: Int, height: Int) -> RGBImage {
        let result = resample(
            Samples(image.pixels, image.width, image.height), width, height,
            widthPass: { $0.resizedAcrossRGB(by: $1) })
        return RGBImage(width: width, height: height, pixels: result.bytes)
    }

    /// Resizes with antialiased bicubic filtering, for composing.
    ///
    /// Colours count by their opacity, so that the colour hidden in transparent pixels does not
    /// bleed into the edges.
    ///
    /// - Precondition: all sizes are positive.
    public static func bicubic(_ image: RGBAImage, width: Int, height: Int) -> RGBAImage {
        guard width != image.width || height != image.height else { return image }
        let result = resample(
            Samples(premultiplied(image.pixels), image.width, image.height), width, height,
            widthPass: { $0.resizedAcrossRGBA(by: $1) })
        return RGBAImage(width: width, height: height, pixels: straightened(result.bytes))
    }

    /// Shrinks a picture until its longer side is `side` pixels; smaller ones are left alone.
    ///
    /// - Precondition: `side` is positive.
    public static func thumbnail(_ image: RGBImage, fitting side: Int) -> RGBImage {
        let longest = max(image.width, image.height)
        guard longest > side else { return image }
        let width = max(1, (image.width * side + longest / 2) / longest)
        let height = max(1, (image.height * side + longest / 2) / longest)
        return bicubic(image, width: width, height: height)
    }

    private static func resample(
        _ source: Samples, _ width: Int, _ height: Int,
        widthPass: (Samples, ResamplingWeights) -> Samples
    ) -> Samples {
        precondition(
            width > 0 && height > 0 && source.width > 0 && source.height > 0,
            "cannot resize \(source.width)×\(source.height) to \(width)×\(height)")
        var samples = source
        if width != samples.width {
            samples = widthPass(samples, ResamplingWeights(from: samples.width, to: width))
        }
        if height != samples.height {
            samples = samples.resizedDown(by: ResamplingWeights(from: samples.height, to: height))
        }
        return samples
    }

    private static func premultiplied(_ pixels: [UInt8]) -> [UInt8] {
        var result = pixels
        for i in stride(from: 0, to: pixels.count, by: 4) where pixels[i + 3] != 255 {
            let alpha = Int32(pixels[i + 3])
            for c in i..<i + 3 {
                result[c] = UInt8(truncatingIfNeeded: (Int32(pixels[c]) * alpha + 127) / 255)
            }
        }
        return result
    }

    private static func straightened(_ pixels: [UInt8]) -> [UInt8] {
        var result = pixels
        for i in stride(from: 0, to: pixels.count, by: 4) where pixels[i + 3] != 255 {
            let alpha = Int32(pixels[i + 3])
            for c in i..<i + 3 {
                // The filter overshoots each channel on its own, so colour can exceed alpha.
                result[c] =
                    alpha == 0
                    ? 0 : UInt8(min(255, (Int32(pixels[c]) * 255 + alpha / 2) / alpha))
            }
        }
        return result
    }
}
