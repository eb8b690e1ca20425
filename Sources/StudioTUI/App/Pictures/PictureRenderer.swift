import Foundation
import ImageCodecs
import TerminalUI

/// Makes pictures, stage by stage, and gives up between two stages when nobody wants it any more.
struct PictureRenderer: Sendable {
    let loader: PictureLoader
    private let bare = BarePictures()

    init(loader: PictureLoader) { self.loader = loader }

    /// A finished picture and what is to be written to the disk afterwards.
    struct Result {
        let picture: RenderedPicture
        var preview: (image: RGBAImage, identity: String)?
    }

    func render(
        _ request: PictureRequest, _ quality: PictureQuality, for terminal: PictureTerminal,
        token: CancelToken
    ) throws -> Result {
        try token.check()
        let facts = try loader.facts(request.source)
        try token.check()
        if terminal.method == .card {
            return Result(picture: card(request, facts, terminal))
        }
        let placement = terminal.placement(
            width: facts.width, height: facts.height, in: request.box,
            magnification: request.magnification)
        let loaded = try pixels(request, facts, placement, quality, terminal, token)
        try token.check()
        let image = PictureMarks.draw(request.marks, on: loaded.image)
        let picture = try Self.encode(
            image, placement, facts, quality, terminal,
            keeping: PictureMarks.colours(of: request.marks), token: token)
        return Result(picture: picture, preview: loaded.preview)
    }

    /// The pixels before marks are drawn; kept where the marks are likely to move.
    private func pixels(
        _ request: PictureRequest, _ facts: PictureFacts, _ placement: PicturePlacement,
        _ quality: PictureQuality, _ terminal: PictureTerminal, _ token: CancelToken
    ) throws -> PictureLoader.Loaded {
        let isKept = !request.marks.isEmpty && request.slot != nil
        let name = BarePictures.Name(
            identity: request.source.identity, width: placement.pixelWidth,
            height: placement.pixelHeight, quality: quality, background: terminal.background)
        if isKept, let image = bare.find(name) { return PictureLoader.Loaded(image: image) }
        let loaded = try loader.pixels(
            request.source, facts, width: placement.pixelWidth, height: placement.pixelHeight,
            quality: quality, background: terminal.background, token: token)
        if isKept { bare.keep(loaded.image, name) }
        return loaded
    }

    /// The pixels in the terminal's way.
    ///
    /// - Parameter keeping: colours that a palette must not leave out.
    static func encode(
        _ image: RGBImage, _ placement: PicturePlacement, _ facts: PictureFacts,
        _ quality: PictureQuality, _ terminal: PictureTerminal, keeping: [PictureColour] = [],
        token: CancelToken
    ) throws -> RenderedPicture {
        func picture(_ content: RenderedPicture.Content) -> RenderedPicture {
            RenderedPicture(
                columns: placement.columns, rows: placement.rows, content: content,
                pixelWidth: placement.pixelWidth, pixelHeight: placement.pixelHeight,
                originalWidth: facts.width, originalHeight: facts.height, format: facts.format)
        }
        switch terminal.method {
        case .sixel:
            return try sixel(
                image, placement, facts, quality, terminal, keeping: keeping, token: token)
        case .blocks:
            let lines = HalfBlocks.rows(image, palette: .trueColour).map { Array($0.utf8) }
            return picture(.overlay(lines))
        case .indexed256:
            return picture(.cells(PictureCells.halfBlocks(image, colours: 256)))
        case .sixteen:
            let colours = terminal.colours == 8 ? 8 : 16
            return picture(.cells(PictureCells.halfBlocks(image, colours: colours)))
        case .ascii, .card:
            return picture(
                .cells(
                    PictureCells.ramp(
                        image, isLight: terminal.isLight, colours: terminal.colours)))
        }
    }

    /// Tries until it is small enough for the line.
    private static func sixel(
        _ image: RGBImage, _ placement: PicturePlacement, _ facts: PictureFacts,
        _ quality: PictureQuality, _ terminal: PictureTerminal, keeping: [PictureColour],
        token: CancelToken
    ) throws -> RenderedPicture {
        var attempt = SixelBudget.first(placement, quality, terminal)
        while true {
            try token.check()
            let scaled = PictureFile.scaled(image, width: attempt.width, height: attempt.height)
            guard
                var bytes = Sixel.bytes(
                    scaled, colours: attempt.colours, dithers: attempt.dithers, keeping: keeping)
            else { throw PictureProblem.noSixel(width: attempt.width, height: attempt.height) }
            if terminal.passesTmux { bytes = TmuxPassthrough.wrapped(bytes) }
            if let ceiling = terminal.ceiling(quality), bytes.count > ceiling,
                let next = SixelBudget.next(
                    after: attempt, bytes: bytes.count, ceiling: ceiling)
            {
                attempt = next
                continue
            }
            let cell = terminal.cell
            return RenderedPicture(
                columns: (attempt.width + cell.width - 1) / cell.width,
                rows: (attempt.height + cell.height - 1) / cell.height,
                content: .overlay([bytes]), pixelWidth: attempt.width,
                pixelHeight: attempt.height, originalWidth: facts.width,
                originalHeight: facts.height, format: facts.format)
        }
    }

    private func card(
        _ request: PictureRequest, _ facts: PictureFacts, _ terminal: PictureTerminal
    ) -> RenderedPicture {
        let cells = PictureCells.card(
            facts, label: request.cardLabel, box: request.box, isUTF8: terminal.isUTF8)
        return RenderedPicture(
            columns: cells.map(\.count).max() ?? 0, rows: cells.count, content: .cells(cells),
            pixelWidth: 0, pixelHeight: 0, originalWidth: facts.width,
            originalHeight: facts.height, format: facts.format)
    }
}

extension PictureRequest {
    /// Its name on a text card: what the caller calls it, or the name of its file.
    fileprivate var cardLabel: String {
        if !label.isEmpty { return label }
        guard case .file(let url, _, _) = source else { return "" }
        return url.lastPathComponent
    }
}

/// Why a picture could not be made from good pixels.
enum PictureProblem: Error, CustomStringConvertible {
    case noSixel(width: Int, height: Int)

    var description: String {
        switch self {
        case .noSixel(let width, let height):
            "A picture of \(width)×\(height) pixels cannot be written as sixel; there may be too "
                + "little memory."
        }
    }
}
