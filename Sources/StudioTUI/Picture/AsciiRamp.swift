import ImageCodecs

/// Pictures from the ink of plain characters, for terminals without colour or UTF-8.
enum AsciiRamp {
    /// From nothing to full; the order of ink in common terminal fonts.
    static let ramp = Array(" .:-=+*#%@")

    /// One string per row of cells.
    ///
    /// - Parameters:
    ///   - image: one pixel per cell across and two down.
    ///   - isLight: whether the letters are dark on a light background.
    static func rows(_ image: RGBImage, isLight: Bool = false) -> [String] {
        let levels = levels(image)
        // Ten steps are few: they cover what the picture has rather than all there could be.
        let low = levels.min() ?? 0
        let span = max(1, (levels.max() ?? 0) - low)
        return stride(from: 0, to: levels.count, by: max(1, image.width)).map { start in
            String(
                levels[start..<start + image.width].map { level in
                    let step = (level - low) * (ramp.count - 1) / span
                    return ramp[isLight ? ramp.count - 1 - step : step]
                })
        }
    }

    /// The brightness of each cell.
    private static func levels(_ image: RGBImage) -> [Int] {
        guard image.width > 0 else { return [] }
        func luma(_ x: Int, _ y: Int) -> Int {
            let at = (y * image.width + x) * 3
            return PictureColour(image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]).luma
        }
        return (0..<(image.height + 1) / 2).flatMap { row in
            (0..<image.width).map { x in
                let lower = min(row * 2 + 1, image.height - 1)
                return (luma(x, row * 2) + luma(x, lower)) / 2
            }
        }
    }
}
