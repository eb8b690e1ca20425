import ImageCodecs

/// Puts pictures of concepts together in ever new ways, so that boxes and presence are known.
///
/// Cut-outs are pasted, photos get a frame; both vary in size, turn, mirror, colour and place, may
/// hang over the edge or be partly covered. Boxes surround what can still be seen.
struct SceneComposer {
    /// Something to be seen in a scene.
    struct Object {
        /// What its box will be called.
        var name: String
        var image: RGBAImage
    }

    /// Area of a scene, in pixels.
    let pixels: Int

    init(profile: ModelProfile) { pixels = min(448 * 448, max(112 * 112, profile.queryPixels)) }

    /// - Precondition: at most four objects.
    /// - Throws: `CompositionError` when twenty attempts hide somebody.
    func compose(
        _ objects: [Object], random: inout RewardRandom
    ) throws(CompositionError) -> Composition {
        let ratio = random.element([1, 1, 1, 4.0 / 3, 0.75])
        let width = max(28, Int((Double(pixels) * ratio).squareRoot()) / 28 * 28)
        let height = max(28, pixels / width / 28 * 28)
        let background = Self.background(width, height, &random)
        var failure = CompositionError.tooMany(found: 0, limit: 0)
        for attempt in 0..<20 {
            let items = arrange(objects, width, height, crowded: attempt > 10, &random)
            do throws(CompositionError) {
                return try Composition.compose(items, on: background)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func arrange(
        _ objects: [Object], _ width: Int, _ height: Int, crowded: Bool,
        _ random: inout RewardRandom
    ) -> [ComposedItem] {
        let mayOverlap = random.chance(0.2)
        var placed: [[Double]] = []
        let share = crowded ? 0.2...0.3 : objects.count > 2 ? 0.25...0.42 : 0.3...0.6
        return objects.map { object in
            let shape = Double(object.image.height) / Double(max(1, object.image.width))
            var box: [Double] = []
            for _ in 0..<30 {
                let side = random.number(share) * Double(min(width, height))
                let wide = shape > 1 ? side / shape : side
                let tall = wide * shape
                // A tenth of the object may hang over the edge.
                let x = random.number(-0.1 * wide...max(0, Double(width) - 0.9 * wide))
                let y = random.number(-0.1 * tall...max(0, Double(height) - 0.9 * tall))
                box = [x, y, x + wide, y + tall]
                let limit = mayOverlap ? 0.35 : 0.05
                if placed.allSatisfy({ Self.covered(box, $0) <= limit }) { break }
            }
            placed.append(box)
            let placement = Placement(
                name: object.name, x: .pixels(box[0]), y: .pixels(box[1]),
                width: .pixels(max(4, box[2] - box[0])),
                rotation: random.chance(0.5) ? random.number(-15...15) : 0,
                isFlipped: random.chance(0.5))
            return ComposedItem(
                placement: placement, image: Self.recoloured(object.image, &random))
        }
    }

    /// Share of the smaller box that the other covers.
    private static func covered(_ a: [Double], _ b: [Double]) -> Double {
        let width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
        let height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
        let smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
        return smaller > 0 ? width * height / smaller : 1
    }

    /// Other light: brightness, contrast and a little of each colour.
    private static func recoloured(_ image: RGBAImage, _ random: inout RewardRandom) -> RGBAImage {
        let contrast = random.number(0.85...1.15)
        let light = random.number(-14...14)
        let tables = (0..<3).map { _ in
            let gain = contrast * random.number(0.95...1.05)
            return (0..<256).map { value in
                UInt8(max(0, min(255, (Double(value) - 128) * gain + 128 + light)))
            }
        }
        var result = image
        for start in stride(from: 0, to: result.pixels.count, by: 4) {
            for channel in 0..<3 {
                result.pixels[start + channel] =
                    tables[channel][
                        Int(result.pixels[start + channel])]
            }
        }
        return result
    }

    /// A plain colour, a gradient, or a pattern.
    private static func background(
        _ width: Int, _ height: Int, _ random: inout RewardRandom
    ) -> RGBImage {
        var image = random.element(Background.named).picture(width: width, height: height)
        let kind = random.weighted([5, 2, 2, 2])
        guard kind > 0 else { return image }
        let colors = (0..<2).map { _ in (0..<3).map { _ in Double(40 + random.below(200)) } }
        let size = 14 + random.below(30)
        for y in 0..<height {
            for x in 0..<width {
                let share: Double =
                    switch kind {
                    case 1: Double((x / size + y / size) % 2)
                    case 2: Double((x / size) % 2)
                    default: Double(x + y) / Double(width + height)
                    }
                for channel in 0..<3 {
                    let value = colors[0][channel] * (1 - share) + colors[1][channel] * share
                    image.pixels[3 * (y * width + x) + channel] = UInt8(value)
                }
            }
        }
        return image
    }
}
