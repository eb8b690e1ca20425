import ImageCodecs

/// Makes evaluation sets of drawings the embedded model has never seen.
///
/// After `scene` in `Samples/recipe/gen.py`: objects scaled, turned, flipped and recoloured on
/// backgrounds drawn by rule, sometimes partly covered, beside a nameless object now and then.
/// Not the same pictures as `Samples/recipe/eval.py` makes, as the random numbers differ.
public struct HeldOutSet: Sendable {
    private let pack: AssetPack
    private let options: HeldOutOptions
    /// Drawings of the library, then of others.
    private let library: [PackedDrawing]
    private let others: [PackedDrawing]
    private static let cell = 28
    private static let queryShapes = [
        (7, 9), (9, 7), (6, 10), (10, 6), (6, 9), (9, 6), (5, 11), (11, 5), (5, 9), (9, 5), (7, 7),
    ]
    private static let referenceShapes = [(3, 5), (5, 3), (3, 4), (4, 3), (4, 4)]

    /// Chooses the drawings of a library: groups of one category, so that there are look-alikes.
    ///
    /// - Throws: `AssetPackError` when the pack holds too few held-out drawings.
    public init(pack: AssetPack, options: HeldOutOptions) throws(AssetPackError) {
        self.pack = pack
        self.options = options
        let heldOut = pack.drawings.filter(\.isHeldOut)
        guard options.librarySize + 4 <= heldOut.count, options.librarySize > options.visible,
            options.librarySize <= HeldOutOptions.mostConcepts
        else {
            throw .malformed(
                file: "the pack",
                reason: "it has \(heldOut.count) drawings held out, which do not suffice for a "
                    + "library of \(options.librarySize)")
        }
        var draw = IndexDraw(seed: options.seed &* 0x2545_F491)
        let categories = Dictionary(grouping: heldOut, by: \.category).sorted { $0.key < $1.key }
        var groups: [[PackedDrawing]] = []
        for (_, members) in categories {
            let mixed = draw.shuffled(members)
            for start in stride(from: 0, to: mixed.count, by: 4) {
                groups.append(Array(mixed[start..<min(start + 4, mixed.count)]))
            }
        }
        // Whole groups of four first, so that nearly every concept has its like.
        let ordered =
            draw.shuffled(groups.filter { $0.count == 4 })
            + draw.shuffled(groups.filter { $0.count < 4 })
        let all = ordered.flatMap(\.self)
        library = Array(all.prefix(options.librarySize))
        others = Array(all.dropFirst(options.librarySize))
    }

    /// The set; pictures are drawn when they are asked for.
    public func evaluationSet() -> EvaluationSet {
        let names = names()
        let concepts = library.indices.map { index in
            var draw = IndexDraw(seed: seed(1, index))
            return EvaluationConcept(
                name: names[index], info: info(of: library[index], &draw),
                category: library[index].category,
                picture: EvaluationPicture(label: "concept-\(index)") { try reference(index) })
        }
        let queries = (0..<options.pictures).map { number in
            let scene = scene(number)
            let pack = pack
            return EvaluationQuery(
                id: "\(options.visible)-visible-\(number)",
                picture: EvaluationPicture(label: "\(options.visible)-visible-\(number)") {
                    try scene.render(pack.image).picture
                },
                present: scene.present, absent: scene.absent,
                boxes: { try scene.render(pack.image).boxes })
        }
        return EvaluationSet(name: "held-out drawings", concepts: concepts, queries: queries)
    }

    /// A seed of its own for each use and number.
    private func seed(_ use: UInt64, _ number: Int) -> UInt64 {
        (options.seed &* 1_000_003 &+ use) &* 1_000_003 &+ UInt64(number)
    }

    private func scene(_ number: Int) -> HeldOutScene {
        var draw = IndexDraw(seed: seed(2, number))
        var shape = (8, 8)
        if options.isOblong, let oblong = draw.element(of: Self.queryShapes) { shape = oblong }
        return HeldOutScene(
            library: library, others: others, visible: options.visible,
            size: (shape.1 * Self.cell, shape.0 * Self.cell), seed: draw.nextSeed())
    }

    /// The reference picture of a concept: the drawing alone, on a background of its own.
    private func reference(_ index: Int) throws -> RGBImage {
        var draw = IndexDraw(seed: seed(3, index))
        var shape = (4, 4)
        if options.isOblong, let oblong = draw.element(of: Self.referenceShapes) { shape = oblong }
        let (width, height) = (shape.1 * Self.cell, shape.0 * Self.cell)
        let backdrop = SceneBackdrop(width: width, height: height, seed: draw.nextSeed())
        var canvas = SceneCanvas(width: width, height: height, backdrop: backdrop)
        let drawing = try pack.image(of: library[index])
        let longest = Double(max(drawing.width, drawing.height))
        let room = min(
            Double(width) * longest / Double(drawing.width),
            Double(height) * longest / Double(drawing.height))
        var pose = SpritePose(
            x: Double(width) * draw.next(in: 0.42...0.58),
            y: Double(height) * draw.next(in: 0.42...0.58), size: room * draw.next(in: 0.55...0.98))
        pose.turn = draw.next(in: -14...14)
        pose.isFlipped = draw.nextUnit() < 0.3
        pose.shear = draw.next(in: -0.1...0.1)
        pose.recolour(&draw)
        _ = canvas.put(drawing, pose)
        return canvas.finish(&draw)
    }

    private func names() -> [String] {
        var draw = IndexDraw(seed: seed(4, 0))
        guard options.names == .invented else {
            return Array(draw.shuffled(HeldOutNames.ordinary).prefix(library.count))
        }
        var names: [String] = []
        var seen: Set<NameKey> = []
        while names.count < library.count {
            let name = HeldOutNames.invented(&draw)
            if seen.insert(NameKey(name)).inserted { names.append(name) }
        }
        return names
    }

    private static let asides = [
        "my favorite", "one of a kind", "from the garden", "likes to travel", "very old",
        "brand new", "handmade", "always around", "a family treasure", "kept on the shelf",
        "seen every morning", "the star of the house", "found at the market",
    ]

    /// In two thirds of the cases what kind of thing it is, else something that does not help.
    private func info(of drawing: PackedDrawing, _ draw: inout IndexDraw) -> String {
        func withArticle(_ noun: String) -> String {
            (noun.first.map { "aeiou".contains($0) } ?? false ? "an " : "a ") + noun
        }
        if options.hidesKind { return "none" }
        switch draw.next(below: 6) {
        case 0, 1: return withArticle(drawing.category)
        case 2, 3: return withArticle(drawing.noun)
        default: return draw.element(of: Self.asides) ?? "none"
        }
    }
}
