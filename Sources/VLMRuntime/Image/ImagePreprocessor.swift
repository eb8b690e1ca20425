public import ImageCodecs

/// A picture as the vision tower takes it.
public struct PreprocessedImage: Sendable {
    /// `[patchCount, 3 · temporalPatchSize · patchSize²]`; rows in merge-block order, columns in
    /// (channel, frame, y, x) order.
    public let pixelValues: Matrix
    /// The patches behind the rows.
    public let grid: PatchGrid
    /// How places in the resized picture relate to the original.
    public let geometry: ImageGeometry
}

/// Turns pictures into patches: resizes, normalises, and cuts.
///
/// Bit-exact with the Qwen2-VL image processor of Transformers 5 on its torchvision backend.
public struct ImagePreprocessor: Sendable {
    /// Patch sizes, area limits and normalisation.
    public let configuration: ImagePreprocessorConfiguration
    /// The normalised value of each byte, 256 per channel.
    private let levels: [Float]

    /// A preprocessor for one checkpoint.
    public init(_ configuration: ImagePreprocessorConfiguration) {
        self.configuration = configuration
        levels = zip(configuration.mean, configuration.standardDeviation).flatMap {
            mean, deviation in
            (0..<256).map { (Float($0) - Float(mean) * 255) / (Float(deviation) * 255) }
        }
    }

    /// The size at which the model sees a picture.
    ///
    /// - Parameter pixelBudget: smallest and largest area; `nil` takes those of the checkpoint.
    /// - Throws: ``ImagePreprocessingError`` for empty or extremely long pictures.
    public func geometry(
        width: Int, height: Int, pixelBudget: ClosedRange<Int>? = nil
    ) throws(ImagePreprocessingError) -> ImageGeometry {
        let budget = pixelBudget ?? configuration.minPixels...configuration.maxPixels
        let size = try SmartResize.size(
            height: height, width: width, factor: configuration.patchSize * configuration.mergeSize,
            minPixels: max(1, budget.lowerBound), maxPixels: max(1, budget.upperBound))
        return ImageGeometry(
            originalWidth: width, originalHeight: height, resizedWidth: size.width,
            resizedHeight: size.height)
    }

    /// The patches of a picture.
    ///
    /// - Parameter pixelBudget: smallest and largest area in pixels after resizing; `nil` takes
    ///   those of the checkpoint.
    /// - Throws: ``ImagePreprocessingError`` for empty or extremely long pictures.
    public func callAsFunction(
        _ image: RGBImage, pixelBudget: ClosedRange<Int>? = nil
    ) throws(ImagePreprocessingError) -> PreprocessedImage {
        let geometry = try geometry(
            width: image.width, height: image.height, pixelBudget: pixelBudget)
        let resized = Resampler.bicubic(
            image, width: geometry.resizedWidth, height: geometry.resizedHeight)
        let grid = PatchGrid(
            height: geometry.resizedHeight / configuration.patchSize,
            width: geometry.resizedWidth / configuration.patchSize)
        return PreprocessedImage(
            pixelValues: patches(of: resized, grid), grid: grid, geometry: geometry)
    }

    /// Cuts a picture whose sides are multiples of the patch and merge sizes.
    private func patches(of image: RGBImage, _ grid: PatchGrid) -> Matrix {
        let size = configuration.patchSize
        let frames = configuration.temporalPatchSize
        let plane = size * size
        var result = Matrix(uninitializedRows: grid.patchCount, columns: 3 * frames * plane)
        let target = result.mutable
        let order = MergeBlockOrder(grid, mergeSize: configuration.mergeSize)
        image.pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<grid.patchCount {
                let (top, left) = order.patch(at: row)
                let corner = (top * image.width + left) * size * 3
                for channel in 0..<3 {
                    let first = target + (row * 3 + channel) * frames * plane
                    normalize(
                        UnsafeBufferPointer(rebasing: pixels[(corner + channel)...]),
                        rowBytes: image.width * 3, channel: channel, into: first)
                    for frame in 1..<frames {
                        (first + frame * plane).update(from: first, count: plane)
                    }
                }
            }
        }
        return result
    }

    /// Writes one channel of one patch, whose first sample is the first of `pixels`.
    private func normalize(
        _ pixels: UnsafeBufferPointer<UInt8>, rowBytes: Int, channel: Int,
        into target: UnsafeMutablePointer<Float>
    ) {
        let size = configuration.patchSize
        for y in 0..<size {
            for x in 0..<size {
                target[y * size + x] = levels[channel * 256 + Int(pixels[y * rowBytes + x * 3])]
            }
        }
    }
}
