import Foundation
import ImageCodecs

/// A cut-out drawing, ready to be turned and scaled.
struct SceneSprite {
    /// Colours multiplied by opacity, and opacity, each 0…255.
    let pixels: [SIMD4<Float>]
    let width: Int
    let height: Int

    init(_ image: RGBAImage) {
        width = image.width
        height = image.height
        pixels = (0..<image.width * image.height).map { index in
            let alpha = Float(image.pixels[4 * index + 3])
            let share = alpha / 255
            return SIMD4(
                Float(image.pixels[4 * index]) * share, Float(image.pixels[4 * index + 1]) * share,
                Float(image.pixels[4 * index + 2]) * share, alpha)
        }
    }

    /// Between pixels by straight lines; nothing outside.
    func sample(_ x: Float, _ y: Float) -> SIMD4<Float> {
        let (left, top) = (x.rounded(.down), y.rounded(.down))
        let (right, down) = (x - left, y - top)
        let (column, row) = (Int(left), Int(top))
        let above = pixel(column, row) * (1 - right) + pixel(column + 1, row) * right
        let below = pixel(column, row + 1) * (1 - right) + pixel(column + 1, row + 1) * right
        return above * (1 - down) + below * down
    }

    private func pixel(_ x: Int, _ y: Int) -> SIMD4<Float> {
        x >= 0 && y >= 0 && x < width && y < height ? pixels[y * width + x] : .zero
    }
}

/// How a drawing is put into a scene.
struct SpritePose {
    /// Its middle, in pixels of the scene.
    var x, y: Double
    /// Its longer side, in pixels of the scene.
    var size: Double
    /// Clockwise, in degrees.
    var turn = 0.0
    var isFlipped = false
    var shear = 0.0
    /// Factors of red, green and blue, and what is added to each.
    var gain = SIMD3<Float>(repeating: 1)
    var bias: Float = 0
}

/// A picture on which drawings are put.
struct SceneCanvas {
    let width: Int
    let height: Int
    private var pixels: [SIMD3<Float>]

    init(width: Int, height: Int, backdrop: SceneBackdrop) {
        self.width = width
        self.height = height
        pixels = backdrop.pixels
    }

    /// Puts a drawing on top.
    ///
    /// - Returns: `[x1, y1, x2, y2]` around what is clearly opaque; `nil` when nothing is inside.
    mutating func put(_ image: RGBAImage, _ pose: SpritePose) -> [Int]? {
        let sprite = SceneSprite(Self.reduced(image, to: pose.size))
        let scale = pose.size / Double(max(sprite.width, sprite.height))
        let (cosine, sine) = (cos(pose.turn * .pi / 180), sin(pose.turn * .pi / 180))
        // Flip, shear, turn and scale, from the drawing to the scene.
        let mirror = pose.isFlipped ? -1.0 : 1
        let (a, b) = (scale * cosine * mirror, scale * (cosine * pose.shear - sine))
        let (c, d) = (scale * sine * mirror, scale * (sine * pose.shear + cosine))
        let area = a * d - b * c
        guard abs(area) > 1e-9 else { return nil }
        let half = (Double(sprite.width - 1) / 2, Double(sprite.height - 1) / 2)
        let reach = (abs(a) * half.0 + abs(b) * half.1 + 1, abs(c) * half.0 + abs(d) * half.1 + 1)
        let columns = max(0, Int(pose.x - reach.0))..<max(0, min(width, Int(pose.x + reach.0) + 2))
        let rows = max(0, Int(pose.y - reach.1))..<max(0, min(height, Int(pose.y + reach.1) + 2))
        var box: (left: Int, top: Int, right: Int, bottom: Int)?
        for y in rows where columns.lowerBound < columns.upperBound {
            for x in columns {
                let (dx, dy) = (Double(x) - pose.x, Double(y) - pose.y)
                let u = (d * dx - b * dy) / area + half.0
                let v = (a * dy - c * dx) / area + half.1
                let paint = sprite.sample(Float(u), Float(v))
                let alpha = paint.w / 255
                guard alpha > 0 else { continue }
                var color = SIMD3(paint.x, paint.y, paint.z) * pose.gain + pose.bias * alpha
                color.clamp(lowerBound: .zero, upperBound: SIMD3(repeating: paint.w))
                pixels[y * width + x] = pixels[y * width + x] * (1 - alpha) + color
                guard alpha > 0.3 else { continue }
                let old = box ?? (x, y, x + 1, y + 1)
                box = (
                    min(old.left, x), min(old.top, y), max(old.right, x + 1), max(old.bottom, y + 1)
                )
            }
        }
        return box.map { [$0.left, $0.top, $0.right, $0.bottom] }
    }

    /// Covers a rectangle or the ellipse inside it with one colour.
    mutating func cover(
        x: ClosedRange<Double>, y: ClosedRange<Double>, isRound: Bool, color: SIMD3<Float>
    ) {
        let middle = ((x.lowerBound + x.upperBound) / 2, (y.lowerBound + y.upperBound) / 2)
        let half = (x.upperBound - middle.0, y.upperBound - middle.1)
        for row in 0..<height where y.contains(Double(row)) {
            for column in 0..<width where x.contains(Double(column)) {
                let across = (Double(column) - middle.0) / max(half.0, 0.5)
                let down = (Double(row) - middle.1) / max(half.1, 0.5)
                if isRound, across * across + down * down > 1 { continue }
                pixels[row * width + column] = color
            }
        }
    }

    /// The picture as a camera might have taken it: light, a little blur, a little noise.
    mutating func finish(_ draw: inout IndexDraw) -> RGBImage {
        if draw.nextFlip() {
            let gain = Float(draw.next(in: 0.8...1.18)), bias = Float(draw.next(in: -14...14))
            for index in pixels.indices { pixels[index] = pixels[index] * gain + bias }
        }
        if draw.nextUnit() < 0.15 { soften(Float(draw.next(in: 0.05...0.2))) }
        if draw.nextUnit() < 0.15 {
            for index in pixels.indices {
                let noise = SIMD3(
                    Float(draw.next(in: -9...9)), Float(draw.next(in: -9...9)),
                    Float(draw.next(in: -9...9)))
                pixels[index] += noise
            }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pixels.count * 3)
        for pixel in pixels {
            for channel in 0..<3 { bytes.append(UInt8(min(255, max(0, pixel[channel].rounded())))) }
        }
        return RGBImage(width: width, height: height, pixels: bytes)
    }

    /// Mixes each pixel with its four neighbours.
    private mutating func soften(_ share: Float) {
        let sharp = pixels
        for y in 1..<max(1, height - 1) {
            for x in 1..<max(1, width - 1) {
                let index = y * width + x
                let around =
                    sharp[index - 1] + sharp[index + 1] + sharp[index - width]
                    + sharp[index + width]
                pixels[index] = sharp[index] * (1 - 4 * share) + around * share
            }
        }
    }

    /// A smaller version for a drawing that will be shown at half its size or less, so that no
    /// pixels are passed over.
    private static func reduced(_ image: RGBAImage, to size: Double) -> RGBAImage {
        let longest = Double(max(image.width, image.height))
        guard size < longest * 0.75 else { return image }
        let scale = size / longest
        return Resampler.bicubic(
            image, width: max(4, Int((Double(image.width) * scale).rounded())),
            height: max(4, Int((Double(image.height) * scale).rounded())))
    }
}
