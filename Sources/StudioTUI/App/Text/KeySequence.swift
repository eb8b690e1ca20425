import TerminalUI

/// Keys pressed one after the other that together mean something: `g g`, `ctrl-d`.
struct KeySequence: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
    var keys: [Key]

    init(_ keys: [Key]) { self.keys = keys }

    init(arrayLiteral elements: Key...) { keys = elements }

    /// The keys as people write them in a keymap, with spaces between them.
    ///
    /// - Throws: `KeyTextError`, a sentence about the first word that is no key.
    init(parsing text: String) throws(KeyTextError) {
        // The space bar has a name, so that spaces are free to stand between keys.
        let words = text.split(whereSeparator: \.isWhitespace)
        guard !words.isEmpty else { throw KeyTextError("a key is missing; write none as []") }
        guard words.count <= Self.longest else {
            throw KeyTextError("more than \(Self.longest) keys in a row")
        }
        var keys: [Key] = []
        for word in words { keys.append(try KeyText.parse(String(word))) }
        self.keys = keys
    }

    /// More keys than anybody presses for one thing.
    static let longest = 5

    /// The form that `init(parsing:)` reads.
    var description: String { keys.map(KeyText.text).joined(separator: " ") }

    /// The short form for footers and help: `^D`, `⏎`, `g g`.
    ///
    /// - Parameter ascii: without signs that some terminals lack.
    func display(ascii: Bool = false) -> String {
        keys.map { KeyText.display($0, ascii: ascii) }.joined(separator: " ")
    }

    /// Whether the other sequence begins with this one, or is the same.
    func isPrefix(of other: KeySequence) -> Bool { other.keys.starts(with: keys) }
}

/// Why a text is no key, as a clause.
struct KeyTextError: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Keys as text: the form of keymap files, and the short form of footers.
enum KeyText {
    /// Reads one key such as `j`, `ctrl-d`, `shift-tab`, `f1`.
    ///
    /// - Throws: `KeyTextError`, also for keys that terminals send as another one.
    static func parse(_ text: String) throws(KeyTextError) -> Key {
        let shown = TerminalText.truncated(TerminalText.sanitized(text), to: 24)
        var rest = Substring(text.unicodeScalars.count > 64 ? "" : text)
        var modifiers: KeyModifiers = []
        while let (modifier, tail) = leadingModifier(of: rest) {
            modifiers.insert(modifier)
            rest = tail
        }
        if rest.count == 1, let character = rest.first {
            return try key(character, modifiers, shown)
        }
        guard let code = code(named: rest.lowercased()) else {
            throw KeyTextError("'\(shown)' is not a key")
        }
        if case .character(let character) = code { return try key(character, modifiers, shown) }
        return Key(code, modifiers)
    }

    /// The form that `parse` reads.
    static func text(of key: Key) -> String {
        var words: [String] = []
        if key.modifiers.contains(.control) { words.append("ctrl") }
        if key.modifiers.contains(.alt) { words.append("alt") }
        if key.modifiers.contains(.shift) { words.append("shift") }
        return (words + [name(of: key.code)]).joined(separator: "-")
    }

    /// The short form for footers.
    static func display(_ key: Key, ascii: Bool = false) -> String {
        var front = ""
        var name = ascii ? asciiSign(of: key.code) : sign(of: key.code)
        if key.modifiers.contains(.control) {
            if case .character(let character) = key.code, character != " " {
                name = character.uppercased()
            }
            front += "^"
        }
        if key.modifiers.contains(.alt) { front += "Alt-" }
        if key.modifiers.contains(.shift) { front += ascii ? "S-" : "⇧" }
        return front + TerminalText.sanitized(name)
    }

    // MARK: - Reading

    private static let modifierNames: [(name: String, modifier: KeyModifiers)] = [
        ("control", .control), ("ctrl", .control), ("shift", .shift), ("meta", .alt),
        ("alt", .alt), ("c", .control), ("m", .alt), ("a", .alt), ("s", .shift),
    ]

    /// A modifier in front, and what follows its `-` or `+`; `^x` is control-x too.
    private static func leadingModifier(of text: Substring) -> (KeyModifiers, Substring)? {
        if text.first == "^", text.count > 1 { return (.control, text.dropFirst()) }
        for (name, modifier) in modifierNames {
            guard text.count > name.count + 1, text.prefix(name.count).lowercased() == name else {
                continue
            }
            let tail = text.dropFirst(name.count)
            if tail.first == "-" || tail.first == "+" { return (modifier, tail.dropFirst()) }
        }
        return nil
    }

    private static func key(
        _ character: Character, _ modifiers: KeyModifiers, _ shown: String
    ) throws(KeyTextError) -> Key {
        let isText = TerminalText.typeable(String(character)) == String(character)
        guard isText, character == " " || !character.isWhitespace else {
            throw KeyTextError("'\(shown)' is not a key")
        }
        var character = character
        var modifiers = modifiers
        if modifiers.contains(.control) {
            character = Character(character.lowercased().prefix(1).first.map(String.init) ?? " ")
            if let twin = twins[character] {
                throw KeyTextError("terminals send '\(shown)' as \(twin)")
            }
            guard character.isASCII else {
                throw KeyTextError("terminals cannot send '\(shown)'")
            }
            if character.isLetter, modifiers.contains(.shift) {
                throw KeyTextError("terminals send '\(shown)' without the shift")
            }
        }
        if modifiers.contains(.shift), character != " " {
            let upper = character.uppercased()
            guard character.isLetter, upper.count == 1, let letter = upper.first else {
                throw KeyTextError("write the sign that shift types instead of '\(shown)'")
            }
            character = letter
            modifiers.remove(.shift)
        }
        return Key(.character(character), modifiers)
    }

    /// Keys that arrive as the same byte as another one.
    private static let twins: [Character: String] = [
        "i": "tab", "m": "enter", "[": "esc", "h": "backspace", "j": "enter",
        "/": "ctrl-_",
    ]

    private static func code(named name: String) -> KeyCode? {
        if name.first == "f", let number = Int(name.dropFirst()), (1...24).contains(number) {
            return .function(number)
        }
        return namedCodes.first { $0.names.contains(name) }?.code
    }

    private struct NamedCode {
        let code: KeyCode
        /// The first is the one that is written.
        let names: [String]
        let sign: String
        let ascii: String

        init(_ code: KeyCode, _ names: [String], _ sign: String, _ ascii: String) {
            self.code = code
            self.names = names
            self.sign = sign
            self.ascii = ascii
        }
    }

    private static let namedCodes: [NamedCode] = [
        NamedCode(.character(" "), ["space", "spc", "␣"], "␣", "Space"),
        NamedCode(.enter, ["enter", "return", "ret", "cr", "⏎"], "⏎", "Enter"),
        NamedCode(.escape, ["esc", "escape"], "Esc", "Esc"),
        NamedCode(.tab, ["tab"], "Tab", "Tab"),
        NamedCode(.backspace, ["backspace", "bs"], "⌫", "Bksp"),
        NamedCode(.delete, ["delete", "del"], "Del", "Del"),
        NamedCode(.insert, ["insert", "ins"], "Ins", "Ins"),
        NamedCode(.up, ["up", "↑"], "↑", "Up"),
        NamedCode(.down, ["down", "↓"], "↓", "Down"),
        NamedCode(.left, ["left", "←"], "←", "Left"),
        NamedCode(.right, ["right", "→"], "→", "Right"),
        NamedCode(.home, ["home"], "Home", "Home"),
        NamedCode(.end, ["end"], "End", "End"),
        NamedCode(.pageUp, ["pgup", "pageup"], "PgUp", "PgUp"),
        NamedCode(.pageDown, ["pgdn", "pgdown", "pagedown"], "PgDn", "PgDn"),
    ]

    // MARK: - Writing

    private static func name(of code: KeyCode) -> String {
        entry(of: code)?.names.first ?? fallback(code, function: "f")
    }

    private static func sign(of code: KeyCode) -> String {
        entry(of: code)?.sign ?? fallback(code, function: "F")
    }

    private static func asciiSign(of code: KeyCode) -> String {
        entry(of: code)?.ascii ?? fallback(code, function: "F")
    }

    private static func entry(of code: KeyCode) -> NamedCode? {
        namedCodes.first { $0.code == code }
    }

    private static func fallback(_ code: KeyCode, function: String) -> String {
        switch code {
        case .character(let character): String(character)
        case .function(let number): "\(function)\(number)"
        default: ""
        }
    }
}
