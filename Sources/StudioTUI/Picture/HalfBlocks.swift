import ImageCodecs

/// Draws pixels as characters: `▀` shows two pixels, one in each half of a cell.
enum HalfBlocks {
    /// How a pixel's colour is written.
    enum Palette: Sendable {
        case trueColour, indexed256, sixteen
    }

    /// One string per row of cells, each ending with the colours reset.
    ///
    /// - Parameter image: one pixel per cell across and two down; a missing last row is black.
    static func rows(_ image: RGBImage, palette: Palette) -> [String] {
        let image = palette == .sixteen ? TerminalPalette.ditheredTo16(image) : image
        return (0..<(image.height + 1) / 2).map { row in
            var line = ""
            var current: (upper: String, lower: String)?
            for column in 0..<image.width {
                let upper = code(image, column, row * 2, palette, isUpper: true)
                let lower = code(image, column, row * 2 + 1, palette, isUpper: false)
                if current?.upper != upper || current?.lower != lower {
                    line += "\u{1B}[\(upper);\(lower)m"
                    current = (upper, lower)
                }
                line += "▀"
            }
            return line + "\u{1B}[0m"
        }
    }

    private static func code(
        _ image: RGBImage, _ x: Int, _ y: Int, _ palette: Palette, isUpper: Bool
    ) -> String {
        let colour = y < image.height ? pixel(image, x, y) : (0, 0, 0)
        switch palette {
        case .trueColour:
            return "\(isUpper ? 38 : 48);2;\(colour.0);\(colour.1);\(colour.2)"
        case .indexed256:
            return "\(isUpper ? 38 : 48);5;\(TerminalPalette.index240(colour))"
        case .sixteen:
            let index = TerminalPalette.index16(colour)
            let base = isUpper ? 30 : 40
            return "\(index < 8 ? base + index : base + 60 + index - 8)"
        }
    }

    private static func pixel(_ image: RGBImage, _ x: Int, _ y: Int) -> (Int, Int, Int) {
        let at = (y * image.width + x) * 3
        return (Int(image.pixels[at]), Int(image.pixels[at + 1]), Int(image.pixels[at + 2]))
    }
}

/// The colours terminals number.
enum TerminalPalette {
    /// The nearest of the colours 16…255 (a 6×6×6 cube and 24 greys); the first 16 differ between
    /// terminals and are left out.
    static func index240(_ colour: (Int, Int, Int)) -> Int {
        let cube = (level(colour.0), level(colour.1), level(colour.2))
        let cubeColour = (steps[cube.0], steps[cube.1], steps[cube.2])
        let mean = (colour.0 + colour.1 + colour.2) / 3
        let grey = min(max((mean - 3) / 10, 0), 23)
        let greyValue = 8 + 10 * grey
        let useGrey =
            distance(colour, (greyValue, greyValue, greyValue)) < distance(colour, cubeColour)
        return useGrey ? 232 + grey : 16 + 36 * cube.0 + 6 * cube.1 + cube.2
    }

    /// The nearest of the first 8 or all 16 basic colours, as xterm shows them.
    static func index16(_ colour: (Int, Int, Int), colours: Int = 16) -> Int {
        var best = (index: 0, distance: Int.max)
        for index in 0..<min(max(colours, 1), basic.count) {
            let distance = distance(colour, basic[index])
            if distance < best.distance { best = (index, distance) }
        }
        return best.index
    }

    /// The picture in the 16 basic colours only, each pixel's error spread over its neighbours
    /// (Floyd-Steinberg), because so few colours show no shape without it.
    static func ditheredTo16(_ image: RGBImage) -> RGBImage { dithered(image, colours: 16) }

    /// The same with the first `colours` of them.
    static func dithered(_ image: RGBImage, colours: Int) -> RGBImage {
        var values = image.pixels.map { Float($0) }
        var result = image
        let stride = image.width * 3
        for y in 0..<image.height {
            for x in 0..<image.width {
                let at = y * stride + x * 3
                let wanted = (values[at], values[at + 1], values[at + 2])
                let seen = (whole(wanted.0), whole(wanted.1), whole(wanted.2))
                let near = basic[index16(seen, colours: colours)]
                // Only errors that another colour could make good are passed on: what lies beyond
                // black or white would pile up and break out somewhere else.
                let errors = [seen.0 - near.0, seen.1 - near.1, seen.2 - near.2]
                for (channel, value) in [near.0, near.1, near.2].enumerated() {
                    let error = Float(errors[channel])
                    result.pixels[at + channel] = UInt8(value)
                    func spread(_ dx: Int, _ dy: Int, _ share: Float) {
                        guard (0..<image.width).contains(x + dx), y + dy < image.height else {
                            return
                        }
                        values[at + dy * stride + dx * 3 + channel] += error * share / 16
                    }
                    spread(1, 0, 7)
                    spread(-1, 1, 3)
                    spread(0, 1, 5)
                    spread(1, 1, 1)
                }
            }
        }
        return result
    }

    private static func whole(_ value: Float) -> Int { Int(min(max(value, 0), 255)) }

    private static let steps = [0, 95, 135, 175, 215, 255]

    private static let basic = [
        (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205),
        (0, 205, 205), (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0),
        (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
    ]

    private static func level(_ value: Int) -> Int {
        value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40
    }

    private static func distance(_ a: (Int, Int, Int), _ b: (Int, Int, Int)) -> Int {
        let (r, g, b) = (a.0 - b.0, a.1 - b.1, a.2 - b.2)
        return 3 * r * r + 6 * g * g + b * b
    }
}
