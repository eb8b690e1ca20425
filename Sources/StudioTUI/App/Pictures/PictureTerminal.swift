import TerminalUI

/// How pictures are made for the terminal at hand; another value makes all of them anew.
struct PictureTerminal: Sendable, Equatable {
    var method: ImageProtocol
    var cell = CellSize.assumed
    /// Colours a sixel may have.
    var registers = 256
    /// The largest sixel; xterm cuts off what is beyond its own limit of 1000 × 1000.
    var maximumWidth = 1000
    var maximumHeight = 1000
    /// Shows through transparent pictures.
    var background = PictureColour.black
    var isRemote = false
    var isInTmux = false
    /// Whether sixels are wrapped for tmux to hand them on.
    var passesTmux = false
    /// Colours that cells can have: 0, 8, 16 or 256.
    var colours = 256
    var isUTF8 = true
    /// The user's word on smoothing colour steps; `nil` where bytes decide.
    var dithers: Bool?

    init(method: ImageProtocol) { self.method = method }

    /// From what is known about the terminal.
    init(_ facts: TerminalFacts, _ choice: ImageProtocolChoice) {
        method = choice.method
        passesTmux = choice.passesTmux
        cell = facts.cell
        let report = choice.passesTmux ? facts.outerReport : facts.report
        if let count = report?.colourRegisters, count >= 2 { registers = min(256, count) }
        if let width = report?.maximumWidth, width >= 64 { maximumWidth = min(width, 4096) }
        if let height = report?.maximumHeight, height >= 64 { maximumHeight = min(height, 4096) }
        if let background = facts.background { self.background = background }
        isRemote = facts.isRemote
        isInTmux = facts.isInTmux
        isUTF8 = facts.isUTF8
        colours =
            switch ColourPolicy.capability(facts.environment).depth {
            case _ where facts.colourIsOff: 0
            case .none: 0
            case .sixteen: 16
            case .indexed256, .trueColour: 256
            }
    }

    /// Whether a quick version costs less than the good one.
    var hasSteps: Bool { method == .sixel }

    /// Whether the name of a picture is all that is shown of it.
    var usesLabel: Bool { method == .card }

    /// Whether the background is light, and letters on it dark.
    var isLight: Bool { background.luma > 150 }

    /// The cells and pixels of a picture in a box.
    func placement(width: Int, height: Int, in box: Size, magnification: Double) -> PicturePlacement
    {
        let (width, height) = (max(1, width), max(1, height))
        let (columns, rows) = (max(1, box.columns), max(1, box.rows))
        if method == .sixel {
            return PictureFit.sixel(
                width: width, height: height, columns: columns, rows: rows, cell: cell,
                limit: maximumWidth, limitHeight: maximumHeight, magnification: magnification)
        }
        // Cells are so coarse that pictures fill the box whatever their own size.
        return PictureFit.halfBlocks(
            width: width, height: height, columns: columns, rows: rows, cell: cell)
    }

    /// The most bytes a picture may have; `nil` when it does not matter.
    ///
    /// tmux throws away sequences above one mebibyte. Over a line a quarter of a mebibyte takes
    /// four tenths of a second at 5 Mbit/s, and nothing else gets through meanwhile.
    func ceiling(_ quality: PictureQuality) -> Int? {
        if isRemote { return quality == .moving ? 64_000 : 256_000 }
        return isInTmux ? 900_000 : nil
    }
}
