import TerminalUI

/// Where the mouse does something, as it was drawn; later regions lie over earlier ones.
struct HitRegion: Sendable {
    enum DragPhase: Sendable { case began, moved, ended }

    let rect: Rect
    var press: AppAction?
    /// -1 for up, 1 for down.
    var scroll: (@Sendable (Int) -> AppAction)?
    /// The point is relative to the region and may lie outside of it while dragging.
    var drag: (@Sendable (DragPhase, Point) -> AppAction)?
}

/// A frame being drawn, with what the mouse can hit and the pictures it wants.
struct Scene {
    var frame: Frame
    let theme: Theme
    let symbols: Symbols
    private(set) var regions: [HitRegion] = []
    /// All pictures that were asked for, ready or not, in order of drawing.
    private(set) var requests: [PictureRequest] = []
    /// How many of them were there to be shown.
    private(set) var shownPictures = 0
    private let pictures: any PictureProvider

    init(size: Size, theme: Theme, symbols: Symbols, pictures: any PictureProvider) {
        frame = Frame(size: size, style: theme.text)
        self.theme = theme
        self.symbols = symbols
        self.pictures = pictures
    }

    var bounds: Rect { frame.bounds }

    /// Writes one line, made safe; returns the columns written.
    @discardableResult
    mutating func write(
        _ text: String, x: Int, y: Int, style: Style? = nil, columns: Int = .max
    ) -> Int {
        let safe = TerminalText.sanitized(text)
        guard columns != .max, TerminalText.width(safe) > columns else {
            return frame.write(safe, x: x, y: y, style: style ?? theme.text, columns: columns)
        }
        let cut = TerminalText.truncated(safe, to: columns, ellipsis: symbols.ellipsis)
        return frame.write(cut, x: x, y: y, style: style ?? theme.text, columns: columns)
    }

    /// Makes the mouse do something in cells; what lay there before is covered.
    mutating func region(
        _ rect: Rect, press: AppAction? = nil, scroll: (@Sendable (Int) -> AppAction)? = nil,
        drag: (@Sendable (HitRegion.DragPhase, Point) -> AppAction)? = nil
    ) {
        regions.append(HitRegion(rect: rect, press: press, scroll: scroll, drag: drag))
    }

    /// The topmost region at a point that has what is asked for.
    func region(at point: Point, where fits: (HitRegion) -> Bool) -> HitRegion? {
        regions.last { $0.rect.contains(point) && fits($0) }
    }

    /// Puts a picture in the middle of the cells, or what is known instead.
    ///
    /// - Returns: the cells the picture covers, once it is there.
    @discardableResult
    mutating func picture(_ request: PictureRequest, in rect: Rect) -> Rect? {
        guard rect.columns >= 2, rect.rows >= 1 else { return nil }
        // A sixel that touches the last row scrolls the screen.
        let limit = min(rect.bottom, frame.size.rows - 1)
        let area = Rect(x: rect.x, y: rect.y, columns: rect.columns, rows: limit - rect.y)
        guard !area.isEmpty else { return nil }
        var request = request
        request.box = area.size
        requests.append(request)
        switch pictures.answer(request) {
        case .ready(let picture, let key):
            let shown = frame.show(picture, key: key, in: area)
            shownPictures += 1
            return shown.isEmpty ? nil : shown
        case .waiting: return nil
        case .failed(let reason):
            note(reason, area, theme.warning)
            return nil
        }
    }

    /// Asks for a picture that is not on the screen yet but may be next.
    mutating func prefetch(_ request: PictureRequest, box: Size) {
        guard box.columns >= 2, box.rows >= 1 else { return }
        var request = request
        request.box = box
        request.priority = 2
        requests.append(request)
    }

    /// A few lines in the middle of an area.
    mutating func note(_ text: String, _ area: Rect, _ style: Style) {
        let lines = TerminalText.wrapped(TerminalText.sanitized(text), to: max(1, area.columns))
        let top = area.y + max(0, area.rows - lines.count) / 2
        for (index, line) in lines.prefix(area.rows).enumerated() {
            let x = area.x + (area.columns - TerminalText.width(line)) / 2
            frame.write(line, x: x, y: top + index, style: style, columns: area.columns)
        }
    }
}

/// Where the view gets its pictures from; it never waits.
protocol PictureProvider {
    func answer(_ request: PictureRequest) -> PictureAnswer
}

/// For tests and for drawing without pictures.
struct NoPictures: PictureProvider {
    func answer(_ request: PictureRequest) -> PictureAnswer { .waiting(since: .now) }
}
extension PicturePipeline: PictureProvider {}
