import PersonalCaption
import TerminalUI

/// Where the parts of the screen lie; the reducer needs it to break and scroll lines.
struct AskLayout: Sendable {
    /// Whether concepts have boxes with thumbnails rather than one row together.
    let isRoomy: Bool
    let slots: [Rect]
    let question: Rect
    let picture: Rect
    let caption: Rect
    /// The lines of the caption, with the column of the scroll bar.
    let text: Rect
    /// Who was named and who was not.
    let marks: Rect
    /// Question, settings and place in the history of the caption.
    let details: Rect

    /// The cells that lines of a caption may take.
    var textColumns: Int { max(1, text.columns - 1) }

    /// The layout of the screen as it is.
    init(_ state: AppState) {
        let size = state.terminal.size
        let body = Rect(x: 0, y: 1, columns: size.columns, rows: size.rows - 3)
        self.init(area: body, state)
    }

    init(area: Rect, _ state: AppState) {
        isRoomy = area.columns >= 100 && area.rows >= 27
        let slotRows = isRoomy ? (area.rows >= 40 ? 8 : 6) : 1
        let (top, belowSlots) = area.split(top: slotRows)
        let (question, content) = belowSlots.split(top: isRoomy ? 3 : 1)
        self.question = question
        slots = (0..<CaptionPrompt.maximumConcepts).map { index in
            let left = top.columns * index / CaptionPrompt.maximumConcepts
            let right = top.columns * (index + 1) / CaptionPrompt.maximumConcepts
            return Rect(x: top.x + left, y: top.y, columns: right - left, rows: top.rows)
        }
        let share = area.columns >= 100 ? content.columns / 2 : content.columns * 45 / 100
        (picture, caption) = content.split(left: share)

        let inside = caption.inset(horizontal: 2, vertical: 1)
        let isTall = inside.rows >= 14
        let detailRows = isTall ? 3 : 1
        let words = state.ask.current.map { AskView.marks(of: $0, Symbols()) } ?? []
        let markRows = min(
            CaptionMarks.rows(words, columns: inside.columns).count, max(1, inside.rows / 3))
        let (above, details) = inside.split(bottom: state.ask.current == nil ? 0 : detailRows)
        let gap = isTall && markRows > 0 ? 1 : 0
        let (text, marks) = above.split(bottom: markRows + gap)
        self.details = details
        self.marks = marks.split(bottom: gap).0
        // A row stays free above the marks on tall screens.
        self.text = isTall ? text.split(bottom: markRows > 0 ? 1 : 0).0 : text
    }
}
