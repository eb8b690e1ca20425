import ImageCodecs

/// What is in one made picture: which drawings, and which of them belong to the library.
struct HeldOutScene: Sendable {
    /// A drawing, and its place in the library; `nil` for one without a name.
    struct Object: Sendable {
        let drawing: PackedDrawing
        let concept: Int?
    }

    /// Width and height in pixels.
    let size: (width: Int, height: Int)
    /// From the lowest to the topmost.
    let objects: [Object]
    /// Concepts of the library that are not in view; half of them like something that is.
    let absent: [Int]
    /// Decides how everything is placed and painted.
    let seed: UInt64

    /// Concepts in view.
    var present: [Int] { objects.compactMap(\.concept) }

    private static let mostAbsent = 4

    /// Decides what a picture shows.
    init(
        library: [PackedDrawing], others: [PackedDrawing], visible: Int,
        size: (width: Int, height: Int), seed: UInt64
    ) {
        var draw = IndexDraw(seed: seed)
        self.size = size
        let shown = draw.shuffled(Array(library.indices)).prefix(visible)
        // As in the model card: a nameless object in a third of the pictures, always in empty ones.
        let hasStranger = visible == 0 || (visible < 4 && draw.next(below: 3) == 2)
        var objects = shown.map { Object(drawing: library[$0], concept: $0) }
        if hasStranger, let stranger = draw.element(of: others) {
            objects.append(Object(drawing: stranger, concept: nil))
        }
        self.objects = draw.shuffled(objects)
        let categories = objects.map(\.drawing.category)
        var absent: [Int] = []
        var free = draw.shuffled(library.indices.filter { !shown.contains($0) })
        while absent.count < Self.mostAbsent, !free.isEmpty {
            let wantsLike = draw.nextFlip()
            let category = draw.element(of: categories)
            let place = free.firstIndex { !wantsLike || library[$0].category == category } ?? 0
            absent.append(free.remove(at: place))
        }
        self.absent = absent
        self.seed = draw.nextSeed()
    }

    /// Paints the picture.
    ///
    /// - Parameter image: gives the pixels of a drawing.
    /// - Returns: the picture, and the box of each concept of the library.
    func render(
        _ image: (PackedDrawing) throws -> RGBAImage
    ) throws -> (picture: RGBImage, boxes: [Int: [Int]]) {
        var draw = IndexDraw(seed: seed)
        let backdrop = SceneBackdrop(
            width: size.width, height: size.height, seed: draw.nextSeed())
        var canvas = SceneCanvas(width: size.width, height: size.height, backdrop: backdrop)
        var layout = SceneLayout(size: size, count: objects.count)
        var boxes: [Int: [Int]] = [:]
        for object in objects {
            let drawing = try image(object.drawing)
            let pose = layout.pose(width: drawing.width, height: drawing.height, &draw)
            let box = canvas.put(drawing, pose)
            if let concept = object.concept { boxes[concept] = box }
        }
        if draw.nextUnit() < 0.15,
            let hidden = draw.element(of: boxes.values.sorted { $0[0] < $1[0] })
        {
            canvas.hidePart(of: hidden, &draw)
        }
        return (canvas.finish(&draw), boxes)
    }
}

/// Finds room for objects, one after the other.
struct SceneLayout {
    private let size: (width: Int, height: Int)
    private let scales: ClosedRange<Double>
    private var placed: [(left: Double, top: Double, right: Double, bottom: Double)] = []

    /// - Parameter count: how many objects there will be; the more, the smaller each.
    init(size: (width: Int, height: Int), count: Int) {
        self.size = size
        scales = [0.34...0.85, 0.28...0.56, 0.25...0.46, 0.22...0.42][min(max(count, 1), 4) - 1]
    }

    /// A place that hardly overlaps what is there, and a random attitude.
    mutating func pose(width: Int, height: Int, _ draw: inout IndexDraw) -> SpritePose {
        let (wide, tall) = (Double(size.width), Double(size.height))
        let longest = Double(max(width, height))
        let (shareX, shareY) = (Double(width) / longest, Double(height) / longest)
        var length = min(
            (wide * tall).squareRoot() * draw.next(in: scales),
            0.96 * min(wide / shareX, tall / shareY))
        var best: (overlap: Double, pose: SpritePose, box: (Double, Double, Double, Double))?
        for attempt in 0..<24 {
            if attempt > 0, attempt.isMultiple(of: 6) { length *= 0.88 }
            let (w, h) = (length * shareX, length * shareY)
            let margin = draw.nextUnit() < 0.2 ? 0.38 : 0.5
            let x = Self.between(w * margin, wide - w * margin, draw.nextUnit())
            let y = Self.between(h * margin, tall - h * margin, draw.nextUnit())
            let box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
            let overlap = placed.map { Self.overlap(box, $0) }.max() ?? 0
            if overlap < best?.overlap ?? .infinity {
                best = (overlap, SpritePose(x: x, y: y, size: length), box)
            }
            if overlap < 0.06 { break }
        }
        guard let best else { return SpritePose(x: wide / 2, y: tall / 2, size: length) }
        placed.append(best.box)
        var pose = best.pose
        pose.turn = draw.next(in: -18...18)
        pose.isFlipped = draw.nextUnit() < 0.35
        pose.shear = draw.next(in: -0.14...0.14)
        pose.recolour(&draw)
        return pose
    }

    private static func between(_ low: Double, _ high: Double, _ share: Double) -> Double {
        low + (high - low) * share
    }

    /// Shared area over that of the smaller.
    private static func overlap(
        _ a: (Double, Double, Double, Double), _ b: (Double, Double, Double, Double)
    ) -> Double {
        let width = min(a.2, b.2) - max(a.0, b.0)
        let height = min(a.3, b.3) - max(a.1, b.1)
        guard width > 0, height > 0 else { return 0 }
        let smaller = min((a.2 - a.0) * (a.3 - a.1), (b.2 - b.0) * (b.3 - b.1))
        return width * height / smaller
    }
}

extension SpritePose {
    /// Other light: in three quarters of the cases.
    mutating func recolour(_ draw: inout IndexDraw) {
        guard draw.nextUnit() >= 0.25 else { return }
        let light = draw.next(in: 0.7...1.22)
        for channel in 0..<3 { gain[channel] = Float(light * draw.next(in: 0.92...1.08)) }
        bias = Float(draw.next(in: -22...22))
    }
}

extension SceneCanvas {
    /// Covers a part at the side of a box with a bar or a disc.
    mutating func hidePart(of box: [Int], _ draw: inout IndexDraw) {
        let (left, top, right, bottom) = (
            Double(box[0]), Double(box[1]), Double(box[2]), Double(box[3])
        )
        let (w, h) = (
            (right - left) * draw.next(in: 0.3...0.5), (bottom - top) * draw.next(in: 0.3...0.5)
        )
        let x = draw.nextFlip() ? left : right
        let y = draw.next(in: top...bottom)
        let color = SIMD3(
            Float(draw.next(in: 0...255)), Float(draw.next(in: 0...255)),
            Float(draw.next(in: 0...255)))
        cover(
            x: x - w / 2...x + w / 2, y: y - h / 2...y + h / 2, isRound: draw.nextFlip(),
            color: color)
    }
}
