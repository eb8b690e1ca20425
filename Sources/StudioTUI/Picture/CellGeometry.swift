/// The size of one character cell in pixels.
struct CellSize: Sendable, Equatable {
    let width: Int
    let height: Int

    /// What is assumed when the terminal does not tell: the usual one-to-two shape.
    static let assumed = CellSize(width: 10, height: 20)

    /// `nil` for sizes no font has.
    init?(checkedWidth width: Int, height: Int) {
        guard (2...200).contains(width), (4...400).contains(height) else { return nil }
        self.init(width: width, height: height)
    }

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}

/// The size of a terminal in cells.
struct TerminalSize: Sendable, Equatable {
    var columns: Int
    var rows: Int

    /// What is assumed without a terminal.
    static let assumed = TerminalSize(columns: 80, rows: 24)
}

/// Where a picture goes: cells it covers and pixels it has.
struct PicturePlacement: Sendable, Equatable {
    let columns: Int
    let rows: Int
    let pixelWidth: Int
    let pixelHeight: Int
}

/// Fits pictures into boxes of cells without changing their shape.
enum PictureFit {
    /// A sixel placement: whole pixels, a height that is a multiple of the six rows of a sixel band.
    ///
    /// The width follows from the rounded height, so that the picture keeps its shape.
    ///
    /// - Parameters:
    ///   - limit: the largest side the terminal draws, in pixels.
    ///   - limitHeight: the largest height, where it is not the same.
    ///   - magnification: how many times a small picture may grow.
    static func sixel(
        width: Int, height: Int, columns: Int, rows: Int, cell: CellSize, limit: Int = 1000,
        limitHeight: Int? = nil, magnification: Double = 2
    ) -> PicturePlacement {
        let available = (
            width: max(1, min(columns * cell.width, limit)),
            height: max(1, min(rows * cell.height, limitHeight ?? limit))
        )
        let scale = min(
            Double(available.width) / Double(width), Double(available.height) / Double(height),
            magnification)
        let wanted = clamp(Double(height) * scale, 1, available.height)
        let pixelHeight = wanted < 6 ? wanted : wanted / 6 * 6
        // A height below one band is left to the width, or flat pictures would vanish.
        let shaped =
            wanted < 6 ? Double(width) * scale : Double(pixelHeight * width) / Double(height)
        let pixelWidth = clamp(shaped, 1, available.width)
        return PicturePlacement(
            columns: ceilDivide(pixelWidth, cell.width), rows: ceilDivide(pixelHeight, cell.height),
            pixelWidth: pixelWidth, pixelHeight: pixelHeight)
    }

    /// A half-block placement: one pixel across and two pixels down per cell.
    static func halfBlocks(
        width: Int, height: Int, columns: Int, rows: Int, cell: CellSize
    ) -> PicturePlacement {
        // Cells are rarely exactly twice as high as wide; the picture's shape accounts for that.
        let pixelShape = Double(cell.width) / (Double(cell.height) / 2)
        let shape = Double(width) / Double(height) / pixelShape
        var pixelWidth = Double(columns)
        var pixelHeight = pixelWidth / shape
        if pixelHeight > Double(rows * 2) {
            pixelHeight = Double(rows * 2)
            pixelWidth = pixelHeight * shape
        }
        let across = clamp(pixelWidth, 1, columns)
        let down = clamp((pixelHeight / 2).rounded(), 1, rows)
        return PicturePlacement(
            columns: across, rows: down, pixelWidth: across, pixelHeight: down * 2)
    }

    private static func clamp(_ value: Double, _ low: Int, _ high: Int) -> Int {
        min(max(Int(value.rounded()), low), max(low, high))
    }

    private static func ceilDivide(_ a: Int, _ b: Int) -> Int { (a + b - 1) / b }
}
