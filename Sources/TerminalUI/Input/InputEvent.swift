/// A key of the keyboard, without the keys held with it.
public enum KeyCode: Sendable, Hashable {
    /// What the key types, one grapheme cluster.
    case character(Character)
    case enter, tab, backspace, escape, delete, insert
    case up, down, left, right, home, end, pageUp, pageDown
    /// F1 is `function(1)`.
    case function(Int)
}

/// Keys that are held while another is pressed.
public struct KeyModifiers: OptionSet, Sendable, Hashable {
    /// One bit for each.
    public let rawValue: UInt8

    /// Modifiers from their bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Shift, where the key does not type another character with it.
    public static let shift = KeyModifiers(rawValue: 1)
    /// Alt, or meta.
    public static let alt = KeyModifiers(rawValue: 2)
    /// Control.
    public static let control = KeyModifiers(rawValue: 4)
}

/// A key press.
///
/// A character carries its own shift (`A`, not shift-`a`); control-`a` is `a` with `.control`.
public struct Key: Sendable, Hashable {
    /// Which key.
    public var code: KeyCode
    /// What is held with it.
    public var modifiers: KeyModifiers

    /// A key with what is held.
    public init(_ code: KeyCode, _ modifiers: KeyModifiers = []) {
        self.code = code
        self.modifiers = modifiers
    }

    /// The key that types this character.
    public static func character(_ character: Character) -> Key { Key(.character(character)) }
    /// Control with this letter.
    public static func control(_ character: Character) -> Key {
        Key(.character(character), .control)
    }

    /// The typed character, unless control or alt is held.
    public var typed: Character? {
        guard case .character(let character) = code,
            modifiers.isDisjoint(with: [.control, .alt])
        else { return nil }
        return character
    }
}

/// Something the mouse did.
public struct MouseEvent: Sendable, Hashable {
    /// What it did.
    public enum Kind: Sendable, Hashable {
        /// A button went down.
        case press(Button)
        /// The mouse moved with a button held.
        case drag(Button)
        /// The button went up.
        case release(Button)
        /// The wheel turned: -1 up, 1 down.
        case scroll(Int)
    }

    /// A button of the mouse.
    public enum Button: Int, Sendable, Hashable {
        case left, middle, right
    }

    /// What it did.
    public var kind: Kind
    /// In which cell.
    public var point: Point
    /// What is held with it.
    public var modifiers: KeyModifiers

    /// An event at a cell.
    public init(_ kind: Kind, at point: Point, modifiers: KeyModifiers = []) {
        self.kind = kind
        self.point = point
        self.modifiers = modifiers
    }
}

/// An answer of the terminal to a question of ours, never a key.
public enum TerminalReply: Sendable, Hashable {
    /// DA1: what the terminal can do; 4 is sixel.
    case attributes([Int])
    /// XTVERSION: name and version.
    case version(String)
    /// XTSMGRAPHICS: `item`, `status` (0 is success) and values.
    case graphics([Int])
    /// `CSI 16 t`: pixels of one cell.
    case cellSize(width: Int, height: Int)
    /// OSC 11: background, each channel 0…1.
    case background(red: Double, green: Double, blue: Double)
    /// DECRQM: a mode and its state (0 is unknown to the terminal).
    case mode(Int, state: Int)
    /// Where the cursor is, from 0.
    case cursor(Point)
    /// The kitty graphics protocol answered.
    case kittyGraphics(String)
    /// Anything else that has the form of a reply.
    case other
}

/// What comes in from the terminal.
public enum InputEvent: Sendable, Hashable {
    case key(Key)
    case mouse(MouseEvent)
    /// Text that was pasted, control characters and all.
    case paste(String)
    /// The window has the user's attention, or lost it.
    case focus(Bool)
    case reply(TerminalReply)
}
