/// What has to be written so that the terminal shows a frame.
struct PresentationPlan: Equatable {
    /// Cells of one row, `columns` from `x` on.
    struct Run: Equatable {
        var x: Int
        var y: Int
        var columns: Int
    }

    /// What the terminal shows is unknown: clear it first.
    var clears = false
    /// Cells of a picture that become blank: to be overwritten with characters before anything
    /// else.
    ///
    /// Blanks may reach the terminal as an erasing sequence, and an xterm that erases cells forgets
    /// only what it shows of a picture there, not its pixels: they come back when its window was
    /// covered by another one.
    var wipes: [Run] = []
    /// The cells to write, before any picture.
    var runs: [Run] = []
    /// There are or were pictures, which would not move if lines were moved.
    var keepsLines = false
    /// The pictures of the frame to write, in this order.
    var pictures: [Int] = []

    /// Whether there is nothing to write.
    var isEmpty: Bool { !clears && runs.isEmpty && pictures.isEmpty }
}
