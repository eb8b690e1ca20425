import TerminalUI

/// What is known about the terminal while the app runs.
struct TerminalState: Sendable {
    var size = Size(columns: 80, rows: 24)
    /// How pictures are drawn, why, and what would be better.
    var pictures = ImageProtocolChoice(method: .card, reason: "not decided yet")
    var depth = ColourDepth.none
    var isUTF8 = true
    var hasFocus = true
    /// Light or dark, when the terminal told.
    var hasLightBackground: Bool?
    /// What the terminal says it is.
    var version = ""
    /// The pixels of a cell, and where that is known from.
    var cell = CellSize.assumed
    var cellSource = "assumed"

    /// The smallest screen everything fits on.
    static let minimum = Size(columns: 60, rows: 16)

    var isTooSmall: Bool {
        size.columns < Self.minimum.columns || size.rows < Self.minimum.rows
    }
}
