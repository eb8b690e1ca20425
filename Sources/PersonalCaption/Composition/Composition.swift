public import ImageCodecs

/// A concept's picture and where it goes.
public struct ComposedItem: Sendable, Equatable {
    /// Whose it is, where it goes and how large it is.
    public var placement: Placement
    /// A cut-out with transparency, or a photo.
    public var image: RGBAImage
    /// Whether a photo without transparency gets a white edge; cut-outs never do.
    public var isFramed: Bool

    /// Names every part.
    public init(placement: Placement, image: RGBAImage, isFramed: Bool = true) {
        self.placement = placement
        self.image = image
        self.isFramed = isFramed
    }
}

/// Where a concept can be seen.
public struct PlacedBox: Sendable, Codable, Equatable {
    /// The name its placement gave.
    public var name: String
    /// `[x1, y1, x2, y2]` in pixels; the right and lower edges are not part of it.
    public var box: [Int]

    /// Names both parts.
    public init(name: String, box: [Int]) {
        self.name = name
        self.box = box
    }
}

/// A picture made of concepts on a background.
public struct Composition: Sendable, Equatable {
    /// The picture, as large as its background.
    public let image: RGBImage
    /// The visible part of each concept, in the order they were placed.
    public let boxes: [PlacedBox]

    /// Paints concepts onto a background, later ones over earlier ones.
    ///
    /// - Parameters:
    ///   - items: one to four concepts.
    ///   - background: decides the size of the picture.
    /// - Throws: `CompositionError` for a concept that could not be seen.
    public static func compose(
        _ items: [ComposedItem], on background: RGBImage
    ) throws(CompositionError) -> Composition {
        guard items.count <= CaptionPrompt.maximumConcepts else {
            throw .tooMany(found: items.count, limit: CaptionPrompt.maximumConcepts)
        }
        var canvas = Canvas(background)
        for item in items {
            let layer = try Layer(item, width: background.width, height: background.height)
            try canvas.paint(layer)
        }
        let boxes = canvas.boxes(count: items.count)
        var placed: [PlacedBox] = []
        for (item, box) in zip(items, boxes) {
            guard let box else { throw .covered(name: item.placement.name) }
            placed.append(PlacedBox(name: item.placement.name, box: box))
        }
        return Composition(image: canvas.image, boxes: placed)
    }
}

/// A picture being painted, and whose pixels are whose.
private struct Canvas {
    private(set) var image: RGBImage
    /// For each pixel the layer on top, from 1; 0 is the background.
    private var owners: [UInt8]
    private var layerCount: UInt8 = 0

    init(_ background: RGBImage) {
        image = background
        owners = Array(repeating: 0, count: background.width * background.height)
    }

    mutating func paint(_ layer: Layer) throws(CompositionError) {
        layerCount += 1
        var isSeen = false
        for y in max(0, layer.top)..<max(0, layer.top, min(image.height, layer.bottom)) {
            for x in max(0, layer.left)..<max(0, layer.left, min(image.width, layer.right)) {
                let paint = layer.sample(x, y)
                guard paint.w > 0 else { continue }
                let position = y * image.width + x
                if paint.w >= layer.solid {
                    owners[position] = layerCount
                    isSeen = true
                }
                let rest = 1 - paint.w / 255
                for channel in 0..<3 {
                    let mixed = paint[channel] + rest * Double(image.pixels[3 * position + channel])
                    image.pixels[3 * position + channel] = UInt8(min(255, max(0, mixed.rounded())))
                }
            }
        }
        guard isSeen else {
            throw .outside(name: layer.name, width: image.width, height: image.height)
        }
    }

    /// The box `[x1, y1, x2, y2]` around each layer's pixels; `nil` for one that is covered.
    func boxes(count: Int) -> [[Int]?] {
        var low = Array(repeating: SIMD2(Int.max, Int.max), count: count + 1)
        var high = Array(repeating: SIMD2<Int>.zero, count: count + 1)
        for y in 0..<image.height {
            for x in 0..<image.width {
                let owner = Int(owners[y * image.width + x])
                low[owner] = pointwiseMin(low[owner], SIMD2(x, y))
                high[owner] = pointwiseMax(high[owner], SIMD2(x + 1, y + 1))
            }
        }
        return (1..<count + 1).map { owner in
            high[owner].x > 0 ? [low[owner].x, low[owner].y, high[owner].x, high[owner].y] : nil
        }
    }
}
