/// Movement that every list, grid and form understands in its own way.
enum Navigation: Sendable, Hashable {
    case up, down, left, right
    case pageUp, pageDown, halfPageUp, halfPageDown
    case first, last
    case nextFocus, previousFocus
    /// Enter: open, confirm, go on.
    case activate
    /// Escape: one step out of whatever is going on.
    case back
}
