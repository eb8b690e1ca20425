/// One or more lines of text that the user edits, with the keys of shells and Emacs.
///
/// A value: the app keeps it in its state, gives it keys, and asks what to draw. Positions count
/// grapheme clusters, so an accent or a joined emoji is never cut in two.
public struct TextField: Sendable, Equatable {
    /// What a key did.
    public enum Outcome: Sendable, Hashable {
        /// The field has no use for the key; it is the app's.
        case ignored
        /// The key was used and the text stayed as it was.
        case moved
        /// The text is another one now.
        case changed
    }

    /// Whether enter starts a new line and up and down move between lines.
    public let isMultiline: Bool
    /// The largest number of characters that typing and pasting can reach.
    public let maximumLength: Int
    /// The cursor stands before this character; the number of characters when behind the last.
    public internal(set) var cursor: Int

    var characters: [Character]
    /// The last text that was cut, for ctrl-y.
    var killed: [Character] = []
    /// Earlier states, for ctrl-z, and undone ones.
    var past: [Moment] = []
    var future: [Moment] = []
    /// What the last key did, where the next one depends on it.
    var habit = Habit.none
    /// The column that up and down try to keep.
    var wantedColumn: Int?

    struct Moment: Sendable, Equatable {
        let characters: [Character]
        let cursor: Int
    }

    enum Habit: Sendable, Equatable {
        case none, typing, cutting
    }

    /// How many steps can be undone.
    static let undoDepth = 100

    /// A field with text in it and the cursor behind the text.
    ///
    /// - Parameter maximumLength: in characters; a longer text is taken as it is, and can only
    ///   become shorter.
    public init(_ text: String = "", isMultiline: Bool = false, maximumLength: Int = 2000) {
        characters = Array(text)
        cursor = characters.count
        self.isMultiline = isMultiline
        self.maximumLength = max(0, maximumLength)
    }

    /// The text as it stands.
    public var text: String { String(characters) }

    /// Whether there is nothing in it.
    public var isEmpty: Bool { characters.isEmpty }

    /// The text before the cursor.
    public var textBeforeCursor: String { String(characters[..<cursor]) }

    /// Puts another text in place, as one step that can be undone.
    ///
    /// - Parameter cursor: before which character; behind the last one by default.
    public mutating func replace(with text: String, cursor: Int? = nil) {
        remember()
        characters = Array(text)
        self.cursor = min(max(0, cursor ?? characters.count), characters.count)
        endHabit()
    }

    /// Empties the field, as one step that can be undone.
    public mutating func clear() {
        if !isEmpty { replace(with: "") }
    }

    /// Moves the cursor, as a click of the mouse does; beyond the ends it stays at the end.
    public mutating func moveCursor(to position: Int) {
        cursor = min(max(0, position), characters.count)
        endHabit()
    }

    /// Inserts pasted text at the cursor: without control characters, on one line in a field of one
    /// line, and as much of it as there is room for.
    ///
    /// - Returns: `.changed`, or `.moved` when nothing of it could be used.
    @discardableResult
    public mutating func insert(_ text: String) -> Outcome {
        let usable = cleaned(text)
        guard !usable.isEmpty else { return .moved }
        remember()
        endHabit()
        return put(usable) ? .changed : forgetMoment()
    }

    /// Inserts what one key typed; words are undone as a whole.
    mutating func type(_ character: Character) -> Outcome {
        let usable = cleaned(String(character))
        guard !usable.isEmpty else { return .moved }
        let startsWord =
            !character.isWhitespace
            && (cursor == 0 || characters[cursor - 1].isWhitespace)
        let isNewStep = habit != .typing || startsWord
        if isNewStep { remember() }
        guard put(usable) else { return isNewStep ? forgetMoment() : .moved }
        endHabit()
        habit = .typing
        return .changed
    }

    /// Puts text in at the cursor; marks join the character before them.
    ///
    /// - Returns: whether anything fitted.
    private mutating func put(_ text: String) -> Bool {
        let room = maximumLength - characters.count
        guard let first = text.unicodeScalars.first else { return false }
        // A mark that joins its neighbour takes no room of its own.
        let joins = first.properties.isGraphemeExtend || first.value == 0x200D
        guard room > 0 || joins else { return false }
        // Clusters may hold any number of marks, so those are counted too.
        var budget = min(text.unicodeScalars.count, max(8, room * 8))
        var head = String(characters[..<cursor]).unicodeScalars
        let before = head.count
        var kept = 0
        for character in text {
            let size = character.unicodeScalars.count
            guard kept < max(room, joins ? 1 : 0), size <= budget else { break }
            budget -= size
            kept += 1
            head.append(contentsOf: character.unicodeScalars)
        }
        guard head.count > before else { return false }
        let end = head.count
        head.append(contentsOf: String(characters[cursor...]).unicodeScalars)
        let joined = Array(String(head))
        guard joined.count <= max(maximumLength, characters.count) else { return false }
        characters = joined
        cursor = Self.clusters(of: joined, coveringScalars: end)
        return true
    }

    /// How many clusters it takes to cover so many scalars from the start.
    static func clusters(of characters: [Character], coveringScalars wanted: Int) -> Int {
        var scalars = 0
        for (index, character) in characters.enumerated() {
            if scalars >= wanted { return index }
            scalars += character.unicodeScalars.count
        }
        return characters.count
    }

    private func cleaned(_ text: String) -> String {
        // A paste far beyond the limit must not cost time in proportion.
        let bounded = text.unicodeScalars.prefix(max(64, (maximumLength + 1) * 8))
        return TerminalText.typeable(String(bounded), lines: isMultiline)
    }
}

// MARK: - Undo

extension TextField {
    /// Keeps the present state for undo.
    mutating func remember() {
        past.append(Moment(characters: characters, cursor: cursor))
        if past.count > Self.undoDepth { past.removeFirst() }
        future = []
    }

    /// Takes back a `remember()` after which nothing changed.
    mutating func forgetMoment() -> Outcome {
        _ = past.popLast()
        return .moved
    }

    mutating func endHabit() {
        habit = .none
        wantedColumn = nil
    }

    mutating func undo() -> Outcome {
        guard let moment = past.popLast() else { return .moved }
        future.append(Moment(characters: characters, cursor: cursor))
        return restore(moment)
    }

    mutating func redo() -> Outcome {
        guard let moment = future.popLast() else { return .moved }
        past.append(Moment(characters: characters, cursor: cursor))
        return restore(moment)
    }

    private mutating func restore(_ moment: Moment) -> Outcome {
        let isOther = moment.characters != characters
        characters = moment.characters
        cursor = moment.cursor
        endHabit()
        return isOther ? .changed : .moved
    }
}
