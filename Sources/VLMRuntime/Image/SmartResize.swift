/// Chooses the size at which the model sees a picture.
public enum SmartResize {
    /// The size nearest to the original with sides that are multiples of `factor` and an area
    /// within the limits, nearly keeping the proportions.
    ///
    /// Sides are rounded half to even first; only when the area is then out of bounds are both
    /// scaled by the same ratio. As in the Qwen2-VL image processor of Transformers.
    ///
    /// - Parameters:
    ///   - factor: pixels per side of a language-model token, 28.
    ///   - minPixels: smallest area; tiny pictures are enlarged to it.
    ///   - maxPixels: largest area, which very long pictures may exceed because no side goes
    ///     below `factor`.
    /// - Throws: ``ImagePreprocessingError`` for an empty picture, or one that is more than 200
    ///   times as long as wide.
    /// - Precondition: `factor`, `minPixels` and `maxPixels` are positive.
    public static func size(
        height: Int, width: Int, factor: Int, minPixels: Int, maxPixels: Int
    ) throws(ImagePreprocessingError) -> (height: Int, width: Int) {
        guard height > 0, width > 0 else { throw .emptyImage(width: width, height: height) }
        let (h, w, f) = (Double(height), Double(width), Double(factor))
        guard max(h, w) / min(h, w) <= 200 else { throw .tooLong(width: width, height: height) }
        let rounded = (
            h: (h / f).rounded(.toNearestOrEven) * f, w: (w / f).rounded(.toNearestOrEven) * f
        )
        if rounded.h * rounded.w > Double(maxPixels) {
            let ratio = (h * w / Double(maxPixels)).squareRoot()
            return (
                max(factor, Int((h / ratio / f).rounded(.down)) * factor),
                max(factor, Int((w / ratio / f).rounded(.down)) * factor)
            )
        }
        if rounded.h * rounded.w < Double(minPixels) {
            let ratio = (Double(minPixels) / (h * w)).squareRoot()
            return (
                Int((h * ratio / f).rounded(.up)) * factor,
                Int((w * ratio / f).rounded(.up)) * factor
            )
        }
        return (Int(rounded.h), Int(rounded.w))
    }
}
