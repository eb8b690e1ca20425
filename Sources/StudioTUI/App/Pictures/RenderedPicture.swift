import ImageCodecs
import TerminalUI

/// A picture ready to be placed.
struct RenderedPicture: Sendable {
    enum Content: Sendable {
        /// Bytes for `FramePicture.lines`: one line for sixel, one per row for 24-bit half blocks.
        case overlay([[UInt8]])
        /// Ordinary cells, row by row.
        case cells([[Cell]])
    }

    /// The cells it covers, exactly.
    let columns: Int
    let rows: Int
    let content: Content
    /// The pixels that were drawn.
    let pixelWidth: Int
    let pixelHeight: Int
    /// The size of the picture itself.
    let originalWidth: Int
    let originalHeight: Int
    /// `nil` for pixels that come from no file.
    var format: ImageFormat?

    /// About how much memory it takes.
    var cost: Int {
        switch content {
        case .overlay(let lines): lines.reduce(256) { $0 + $1.count + 32 }
        case .cells(let rows): rows.reduce(256) { $0 + $1.count * MemoryLayout<Cell>.stride + 32 }
        }
    }
}

/// What the pipeline says to a request.
enum PictureAnswer: Sendable {
    /// Show this; the same key means the same pixels.
    case ready(RenderedPicture, key: String)
    /// Being made since then; leave the place empty for the first 150 ms.
    case waiting(since: ContinuousClock.Instant)
    /// It cannot be shown; one sentence without control characters.
    case failed(String)
}

extension Frame {
    /// Puts a picture into the middle of a rectangle that has room for it.
    ///
    /// - Returns: the cells it covers; empty when there is no room.
    @discardableResult
    mutating func show(_ picture: RenderedPicture, key: String, in rect: Rect) -> Rect {
        guard picture.columns <= rect.columns, picture.rows <= rect.rows else {
            return Rect(x: rect.x, y: rect.y, columns: 0, rows: 0)
        }
        let target = rect.centred(Size(columns: picture.columns, rows: picture.rows))
        switch picture.content {
        case .overlay(let lines): place(FramePicture(key: key, rect: target, lines: lines))
        case .cells(let cells): put(cells, x: target.x, y: target.y)
        }
        return target
    }
}
