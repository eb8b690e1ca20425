import TerminalUI

/// Something that lies over the screen and takes all input until it closes: help, a question, a form.
protocol AppOverlay: Sendable {
    var title: String { get }

    /// Whether typed characters go into a text field of it.
    func wantsText(_ state: AppState) -> Bool

    /// What the footer says while it is on top: key and word.
    func hints(_ state: AppState) -> [(key: String, word: String)]

    mutating func receive(_ input: OverlayInput, _ state: AppState) -> OverlayAnswer

    /// Draws itself; `scene.region` inside gives it clicks.
    func draw(_ state: AppState, into scene: inout Scene, area: Rect)
}

/// What an overlay receives.
enum OverlayInput: Sendable {
    case key(Key)
    case navigate(Navigation)
    case paste(String)
    /// A click on a row or field that the overlay numbered itself while drawing.
    case choose(Int)
    case message(OverlayMessage)
}

/// What an overlay wants after an input.
enum OverlayAnswer: Sendable {
    case stay
    case close
    /// Stays and does something.
    case act(AppAction)
    /// Closes and does something.
    case finish(AppAction)
    case effects([Effect])
}

extension AppOverlay {
    func wantsText(_ state: AppState) -> Bool { false }
}
