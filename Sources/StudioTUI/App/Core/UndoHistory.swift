/// A change of the library that can be taken back.
struct UndoStep: Sendable {
    /// What was done: "moved 3 concepts to the trash".
    let title: String
    /// What takes it back.
    let inverse: LibraryEdit
}

/// What can be undone and redone, the latest last.
struct UndoHistory: Sendable {
    private(set) var undoable: [UndoStep] = []
    private(set) var redoable: [UndoStep] = []

    static let limit = 200

    /// Remembers how to take back something new; what was undone before is gone.
    mutating func record(_ step: UndoStep) {
        redoable = []
        Self.push(step, to: &undoable)
    }

    /// After an undo ran: its own inverse becomes the redo.
    mutating func recordUndone(_ step: UndoStep) { Self.push(step, to: &redoable) }

    /// After a redo ran.
    mutating func recordRedone(_ step: UndoStep) { Self.push(step, to: &undoable) }

    mutating func takeUndo() -> UndoStep? { undoable.popLast() }
    mutating func takeRedo() -> UndoStep? { redoable.popLast() }

    private static func push(_ step: UndoStep, to steps: inout [UndoStep]) {
        steps.append(step)
        if steps.count > Self.limit { steps.removeFirst() }
    }
}
