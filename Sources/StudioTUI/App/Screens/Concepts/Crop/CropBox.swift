import ConceptDB
import ImageCodecs

/// A part of a picture that is being chosen, in its upright pixels.
struct CropBox: Sendable, Equatable {
    let conceptID: Int64
    let image: ReferenceImage
    private(set) var left: Int
    private(set) var top: Int
    private(set) var width: Int
    private(set) var height: Int
    /// Whether the part becomes the cover.
    var makesCover = false
    /// Where a drag began.
    private var anchor: (x: Int, y: Int)?

    /// Smaller parts show nothing.
    static let smallest = 16

    /// A box in the middle, a little smaller than the picture.
    init(conceptID: Int64, image: ReferenceImage) {
        self.conceptID = conceptID
        self.image = image
        (left, top, width, height) = (0, 0, image.width, image.height)
        reset()
    }

    static func == (a: CropBox, b: CropBox) -> Bool {
        a.conceptID == b.conceptID && a.image == b.image && a.left == b.left && a.top == b.top
            && a.width == b.width && a.height == b.height && a.makesCover == b.makesCover
    }

    /// Whether nothing would be cut off.
    var isWhole: Bool { width == image.width && height == image.height }

    /// How far one key press goes: a fortieth of the picture.
    private var step: Int { max(1, max(image.width, image.height) / 40) }

    private var leastWidth: Int { min(Self.smallest, image.width) }
    private var leastHeight: Int { min(Self.smallest, image.height) }

    mutating func reset() {
        width = max(leastWidth, image.width * 4 / 5)
        height = max(leastHeight, image.height * 4 / 5)
        left = (image.width - width) / 2
        top = (image.height - height) / 2
    }

    /// Moves it by steps, as far as the edges of the picture.
    mutating func move(_ x: Int, _ y: Int) {
        left = min(max(0, left + x * step), image.width - width)
        top = min(max(0, top + y * step), image.height - height)
    }

    /// Moves its right and lower edges by steps.
    mutating func resize(_ x: Int, _ y: Int) {
        width = min(max(leastWidth, width + x * step), image.width - left)
        height = min(max(leastHeight, height + y * step), image.height - top)
    }

    /// Grows or shrinks it around its middle by tenths, keeping its shape as long as it fits.
    mutating func scale(_ tenths: Int) {
        let wanted = 1 + Double(tenths) / 10
        let most = min(
            Double(image.width) / Double(width), Double(image.height) / Double(height))
        let factor = min(wanted, most)
        setSize(
            Int((Double(width) * factor).rounded()), Int((Double(height) * factor).rounded()))
    }

    /// Makes both sides as long as the shorter one.
    mutating func square() { setSize(min(width, height), min(width, height)) }

    /// Changes the size around the middle.
    private mutating func setSize(_ newWidth: Int, _ newHeight: Int) {
        let (middleX, middleY) = (2 * left + width, 2 * top + height)
        width = min(max(leastWidth, newWidth), image.width)
        height = min(max(leastHeight, newHeight), image.height)
        left = min(max(0, (middleX - width) / 2), image.width - width)
        top = min(max(0, (middleY - height) / 2), image.height - height)
    }

    // MARK: - Mouse

    /// Begins a new box at a point in parts of the picture.
    mutating func beginDrag(x: Double, y: Double) {
        anchor = (pixel(x, image.width), pixel(y, image.height))
    }

    /// Draws the box from where the drag began.
    mutating func drag(x: Double, y: Double) {
        guard let anchor else { return }
        let (x, y) = (pixel(x, image.width), pixel(y, image.height))
        // A click without a drag leaves the box as it is.
        guard abs(x - anchor.x) >= leastWidth || abs(y - anchor.y) >= leastHeight else { return }
        left = min(anchor.x, x)
        top = min(anchor.y, y)
        width = max(leastWidth, abs(x - anchor.x))
        height = max(leastHeight, abs(y - anchor.y))
        left = min(left, image.width - width)
        top = min(top, image.height - height)
    }

    private func pixel(_ part: Double, _ size: Int) -> Int {
        guard part.isFinite else { return 0 }
        return Int((min(max(0, part), 1) * Double(size)).rounded())
    }

    // MARK: - What it is for

    /// The frame to be drawn onto the picture.
    var mark: PictureMark {
        PictureMark(
            kind: .crop, x: Double(left) / Double(max(1, image.width)),
            y: Double(top) / Double(max(1, image.height)),
            width: Double(width) / Double(max(1, image.width)),
            height: Double(height) / Double(max(1, image.height)))
    }

    /// The part of the picture inside the box.
    func cut(_ pixels: RGBAImage) -> RGBAImage {
        // The file decides, should the library be wrong about its size.
        let (left, top) = (min(left, pixels.width - 1), min(top, pixels.height - 1))
        let width = min(width, pixels.width - left)
        let height = min(height, pixels.height - top)
        var part: [UInt8] = []
        part.reserveCapacity(width * height * 4)
        for row in top..<top + height {
            let start = (row * pixels.width + left) * 4
            part += pixels.pixels[start..<start + width * 4]
        }
        return RGBAImage(width: width, height: height, pixels: part)
    }
}
