import ImageCodecs

/// Something drawn onto a picture before it is encoded, placed in parts of its width and height.
struct PictureMark: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// A frame around something, in the colour of the n-th concept.
        case outline(colour: Int)
        /// A frame around what is to be kept; the rest is dimmed.
        case crop
    }

    var kind: Kind
    /// Left edge, 0…1, and so on; what lies outside the picture is cut.
    var x: Double
    var y: Double
    var width: Double
    var height: Double
}

extension PictureMark {
    /// The colour of its frame.
    fileprivate var line: PictureColour {
        switch kind {
        case .outline(let colour): PictureColour.concept(colour)
        case .crop: PictureColour(255, 255, 255)
        }
    }
}

/// Draws marks.
enum PictureMarks {
    /// Below this length of the shorter side every pixel counts, and lines are thin.
    static let thinBelow = 120

    /// The colours that marks are drawn in.
    static func colours(of marks: [PictureMark]) -> [PictureColour] {
        guard !marks.isEmpty else { return [] }
        var colours = [PictureColour.black]
        for mark in marks where !colours.contains(mark.line) { colours.append(mark.line) }
        // A palette has room for a few; concepts are at most four.
        return Array(colours.prefix(8))
    }

    static func draw(_ marks: [PictureMark], on image: RGBImage) -> RGBImage {
        guard !marks.isEmpty, image.width > 0, image.height > 0 else { return image }
        var canvas = image
        for mark in marks {
            guard let box = PixelBox(mark, width: image.width, height: image.height) else {
                continue
            }
            if mark.kind == .crop { dim(outside: box, on: &canvas) }
            outline(box, mark.line, on: &canvas)
        }
        return canvas
    }

    /// Two pixels of colour between two dark ones: seen on light and on dark.
    private static func outline(
        _ box: PixelBox, _ colour: PictureColour, on image: inout RGBImage
    ) {
        guard min(image.width, image.height) >= thinBelow else {
            return ring(box, at: 0, colour, on: &image)
        }
        ring(box, at: 0, .black, on: &image)
        ring(box, at: 1, colour, on: &image)
        ring(box, at: 2, colour, on: &image)
        ring(box, at: 3, .black, on: &image)
    }

    /// The pixels so far inside the edge of the box.
    private static func ring(
        _ box: PixelBox, at depth: Int, _ colour: PictureColour, on image: inout RGBImage
    ) {
        let (left, right) = (box.left + depth, box.right - depth)
        let (top, bottom) = (box.top + depth, box.bottom - depth)
        guard left <= right, top <= bottom else { return }
        for x in left...right {
            image.set(x, top, colour)
            image.set(x, bottom, colour)
        }
        for y in top...bottom {
            image.set(left, y, colour)
            image.set(right, y, colour)
        }
    }

    private static func dim(outside box: PixelBox, on image: inout RGBImage) {
        let width = image.width
        image.pixels.withUnsafeMutableBufferPointer { pixels in
            for y in 0..<pixels.count / (width * 3) {
                let isInside = (box.top...box.bottom).contains(y)
                for x in 0..<width where !isInside || x < box.left || x > box.right {
                    let at = (y * width + x) * 3
                    for channel in at..<at + 3 { pixels[channel] = pixels[channel] / 3 }
                }
            }
        }
    }
}

/// A rectangle of pixels, edges included.
struct PixelBox: Equatable {
    let left: Int
    let top: Int
    let right: Int
    let bottom: Int

    /// `nil` when nothing of the mark lies inside the picture.
    init?(_ mark: PictureMark, width: Int, height: Int) {
        func edge(_ value: Double, _ size: Int) -> Double {
            value.isFinite ? min(max(value, 0), 1) * Double(size) : 0
        }
        let left = Int(edge(mark.x, width).rounded())
        let top = Int(edge(mark.y, height).rounded())
        let right = Int(edge(mark.x + mark.width, width).rounded()) - 1
        let bottom = Int(edge(mark.y + mark.height, height).rounded()) - 1
        guard left <= right, top <= bottom else { return nil }
        (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
    }
}

extension RGBImage {
    /// Colours one pixel inside the picture.
    fileprivate mutating func set(_ x: Int, _ y: Int, _ colour: PictureColour) {
        let at = (y * width + x) * 3
        pixels[at] = colour.red
        pixels[at + 1] = colour.green
        pixels[at + 2] = colour.blue
    }
}
