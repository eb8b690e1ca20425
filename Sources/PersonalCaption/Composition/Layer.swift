import Foundation
import ImageCodecs

/// A concept's picture at its size and place, ready to be painted.
struct Layer {
    let name: String
    /// The pixels it may touch, on a plane that reaches beyond the background.
    let left: Int
    let top: Int
    let right: Int
    let bottom: Int
    /// Opacity from which a pixel counts as part of the concept.
    let solid: Double
    private let image: RGBAImage
    private let isFlipped: Bool
    private let center: (x: Double, y: Double)
    private let turn: (cosine: Double, sine: Double)

    /// Scales, frames and places a picture.
    ///
    /// - Parameters:
    ///   - item: the picture and where it goes.
    ///   - width: width of the background, in pixels.
    ///   - height: height of the background, in pixels.
    init(_ item: ComposedItem, width: Int, height: Int) throws(CompositionError) {
        let placement = item.placement
        name = placement.name
        image = try Self.scaled(item, to: placement.width.pixels(of: width))
        isFlipped = placement.isFlipped
        solid = Double(max(1, image.strongestAlpha)) / 2
        let x = placement.x.pixels(of: width).rounded()
        let y = placement.y.pixels(of: height).rounded()
        let half = (x: Double(image.width) / 2, y: Double(image.height) / 2)
        center = (x + half.x, y + half.y)
        // Quarter turns stay exact, so that they need no blending of neighbours.
        let angle = placement.rotation.remainder(dividingBy: 360)
        let quarter = angle.remainder(dividingBy: 90) == 0
        let radians = angle * .pi / 180
        turn =
            quarter
            ? (cos(radians).rounded(), sin(radians).rounded()) : (cos(radians), sin(radians))
        let reach = (
            x: abs(half.x * turn.cosine) + abs(half.y * turn.sine),
            y: abs(half.x * turn.sine) + abs(half.y * turn.cosine)
        )
        left = Int((center.x - reach.x).rounded(.down))
        right = Int((center.x + reach.x).rounded(.up))
        top = Int((center.y - reach.y).rounded(.down))
        bottom = Int((center.y + reach.y).rounded(.up))
    }

    /// Colour, multiplied by opacity, and opacity, each 0…255, of the pixel at (x, y).
    func sample(_ x: Int, _ y: Int) -> SIMD4<Double> {
        let offset = (x: Double(x) + 0.5 - center.x, y: Double(y) + 0.5 - center.y)
        var across = offset.x * turn.cosine + offset.y * turn.sine
        let down = offset.y * turn.cosine - offset.x * turn.sine
        if isFlipped { across = -across }
        let u = across + Double(image.width) / 2 - 0.5
        let v = down + Double(image.height) / 2 - 0.5
        let (column, row) = (u.rounded(.down), v.rounded(.down))
        let (right, below) = (u - column, v - row)
        var sum = SIMD4<Double>.zero
        func add(_ dx: Int, _ dy: Int, _ weight: Double) {
            // Unturned pictures fall on whole pixels; their neighbours must not be read.
            guard weight > 1e-9 else { return }
            sum += weight * pixel(Int(column) + dx, Int(row) + dy)
        }
        add(0, 0, (1 - right) * (1 - below))
        add(1, 0, right * (1 - below))
        add(0, 1, (1 - right) * below)
        add(1, 1, right * below)
        return sum
    }

    private func pixel(_ x: Int, _ y: Int) -> SIMD4<Double> {
        guard x >= 0, y >= 0, x < image.width, y < image.height else { return .zero }
        let start = 4 * (y * image.width + x)
        let alpha = Double(image.pixels[start + 3])
        let share = alpha / 255
        return SIMD4(
            Double(image.pixels[start]) * share, Double(image.pixels[start + 1]) * share,
            Double(image.pixels[start + 2]) * share, alpha)
    }

    private static func scaled(
        _ item: ComposedItem, to wanted: Double
    ) throws(CompositionError) -> RGBAImage {
        let name = item.placement.name
        let source = item.image
        guard wanted >= 0.5, source.width > 0, source.height > 0 else {
            throw .zeroSize(name: name)
        }
        guard source.strongestAlpha > 0 else { throw .transparent(name: name) }
        let tall = max(1, (wanted * Double(source.height) / Double(source.width)).rounded())
        guard wanted.rounded() * tall <= Double(ImageLimits.standard.maximumPixels) else {
            throw .tooLarge(name: name, width: wanted)
        }
        let scaled = Resampler.bicubic(source, width: Int(wanted.rounded()), height: Int(tall))
        return source.isOpaque && item.isFramed ? scaled.framed() : scaled
    }
}

extension RGBAImage {
    /// The highest opacity of any pixel.
    fileprivate var strongestAlpha: UInt8 {
        stride(from: 3, to: pixels.count, by: 4).reduce(0) { max($0, pixels[$1]) }
    }

    /// The picture with a white edge painted over its border, like a print.
    fileprivate func framed() -> RGBAImage {
        var framed = self
        let edge = max(1, Int((0.03 * Double(min(width, height))).rounded()))
        guard width > 8 * edge, height > 8 * edge else { return self }
        for y in 0..<height {
            for x in 0..<width
            where x < edge || y < edge || x >= width - edge || y >= height - edge {
                for channel in 0..<3 { framed.pixels[4 * (y * width + x) + channel] = 255 }
            }
        }
        return framed
    }
}
