import ImageCodecs

/// Frames around parts of a picture.
enum BoxDrawing {
    /// The picture with a frame of two colours around each box, visible on any ground.
    ///
    /// - Parameter boxes: `[x1, y1, x2, y2]` in pixels; parts outside are not drawn.
    static func draw(_ boxes: [[Int]], on picture: RGBImage) -> RGBImage {
        var pixels = picture.pixels
        let thickness = max(1, min(picture.width, picture.height) / 150)
        func paint(_ box: [Int], _ inset: Int, _ colour: [UInt8]) {
            let (left, top) = (box[0] + inset, box[1] + inset)
            let (right, bottom) = (box[2] - inset, box[3] - inset)
            guard left < right, top < bottom else { return }
            for y in max(top, 0)..<max(min(bottom, picture.height), max(top, 0)) {
                for x in max(left, 0)..<max(min(right, picture.width), max(left, 0)) {
                    let isEdge =
                        x < left + thickness || x >= right - thickness || y < top + thickness
                        || y >= bottom - thickness
                    guard isEdge else { continue }
                    for channel in 0..<3 {
                        pixels[(y * picture.width + x) * 3 + channel] = colour[channel]
                    }
                }
            }
        }
        for box in boxes where box.count == 4 {
            paint(box, 0, [255, 220, 0])
            paint(box, thickness, [0, 0, 0])
        }
        return RGBImage(width: picture.width, height: picture.height, pixels: pixels)
    }
}
