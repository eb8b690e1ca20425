/// Which key a control sequence or a code stands for.
enum KeySequence {
    /// The key of `ESC [ …`, or `nil` when it is none.
    static func key(_ sequence: ControlSequence) -> Key? {
        guard sequence.prefix == nil, sequence.intermediates.isEmpty else { return nil }
        switch sequence.final {
        case UInt8(ascii: "~"): return tilde(sequence)
        case UInt8(ascii: "u"): return kitty(sequence)
        case UInt8(ascii: "Z"): return Key(.tab, sequence.modifiers(at: 1).union(.shift))
        // With numbers this is a cursor report; terminals that send it for F3 send it bare.
        case UInt8(ascii: "R"): return sequence.isBare ? Key(.function(3)) : nil
        case UInt8(ascii: "a")...UInt8(ascii: "d"):
            guard sequence.isBare, let code = letter(sequence.final - 0x20) else { return nil }
            return Key(code, .shift)
        default:
            guard let code = letter(sequence.final), sequence.parameters.count <= 2,
                !sequence.isRelease(at: 1)
            else { return nil }
            return Key(code, sequence.modifiers(at: 1))
        }
    }

    /// The key of `ESC O letter`, or `nil`.
    static func singleShift(_ final: UInt8, modifiers: KeyModifiers) -> Key? {
        if let code = letter(final) { return Key(code, modifiers) }
        switch final {
        case UInt8(ascii: "R"): return Key(.function(3), modifiers)
        case UInt8(ascii: "M"): return Key(.enter, modifiers)
        case UInt8(ascii: "I"): return Key(.tab, modifiers)
        case UInt8(ascii: "X"): return .character("=")
        case UInt8(ascii: "a")...UInt8(ascii: "d"):
            return letter(final - 0x20).map { Key($0, .control) }
        case UInt8(ascii: "j")...UInt8(ascii: "y"):
            // The numeric pad in application mode: `*` to `9`.
            return .character(Character(Unicode.Scalar(final - 0x40)))
        default: return nil
        }
    }

    /// The key of a control character, of DEL or of a printable one.
    static func key(ascii byte: UInt8, _ modifiers: KeyModifiers) -> Key {
        switch byte {
        case 0x0A, 0x0D: Key(.enter, modifiers)
        case 0x09: Key(.tab, modifiers)
        case 0x08, 0x7F: Key(.backspace, modifiers)
        case 0x1B: Key(.escape, modifiers)
        case 0x00: Key(.character(" "), modifiers.union(.control))
        case 0x01...0x1A:
            Key(.character(Character(Unicode.Scalar(byte + 0x60))), modifiers.union(.control))
        case 0x1C...0x1F:
            Key(.character(Character(Unicode.Scalar(byte + 0x40))), modifiers.union(.control))
        default: Key(.character(Character(Unicode.Scalar(byte))), modifiers)
        }
    }

    private static func letter(_ final: UInt8) -> KeyCode? {
        switch final {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "P"): .function(1)
        case UInt8(ascii: "Q"): .function(2)
        case UInt8(ascii: "S"): .function(4)
        default: nil
        }
    }

    private static func tilde(_ sequence: ControlSequence) -> Key? {
        guard let number = sequence.number(0), !sequence.isRelease(at: 1) else { return nil }
        if number == 27 {
            // xterm's modifyOtherKeys: 27 ; modifiers ; character.
            guard let code = sequence.number(2) else { return nil }
            return typed(code, sequence.modifiers(at: 1))
        }
        let code: KeyCode
        switch number {
        case 1, 7: code = .home
        case 2: code = .insert
        case 3: code = .delete
        case 4, 8: code = .end
        case 5: code = .pageUp
        case 6: code = .pageDown
        case 11...15: code = .function(number - 10)
        case 17...21: code = .function(number - 11)
        case 23...26: code = .function(number - 12)
        case 28, 29: code = .function(number - 13)
        case 31...34: code = .function(number - 14)
        default: return nil
        }
        return Key(code, sequence.modifiers(at: 1))
    }

    /// Kitty's `code : shifted : base ; modifiers : event ; text u`.
    private static func kitty(_ sequence: ControlSequence) -> Key? {
        guard let code = sequence.number(0), !sequence.isRelease(at: 1) else { return nil }
        let modifiers = sequence.modifiers(at: 1)
        if modifiers.contains(.shift), sequence.parameters[0].count > 1,
            let shifted = sequence.parameters[0][1]
        {
            return typed(shifted, modifiers)
        }
        return typed(code, modifiers)
    }

    private static func typed(_ code: Int, _ modifiers: KeyModifiers) -> Key? {
        if (0xE000...0xF8FF).contains(code) {
            return privateKeys[code].map { Key($0, modifiers) }
        }
        if code < 0x20 || code == 0x7F { return key(ascii: UInt8(code), modifiers) }
        guard let value = UInt32(exactly: code), let scalar = Unicode.Scalar(value) else {
            return nil
        }
        guard modifiers.contains(.shift) else {
            return Key(.character(Character(scalar)), modifiers)
        }
        // A character carries its own shift.
        let upper = scalar.properties.uppercaseMapping
        let character = upper.count == 1 ? Character(upper) : Character(scalar)
        return Key(.character(character), modifiers.subtracting(.shift))
    }

    /// Kitty's codes in Unicode's private area: the numeric pad and F13 to F35.
    private static let privateKeys: [Int: KeyCode] = {
        var keys: [Int: KeyCode] = [
            57409: .character("."), 57410: .character("/"), 57411: .character("*"),
            57412: .character("-"), 57413: .character("+"), 57414: .enter, 57415: .character("="),
            57417: .left, 57418: .right, 57419: .up, 57420: .down, 57421: .pageUp,
            57422: .pageDown, 57423: .home, 57424: .end, 57425: .insert, 57426: .delete,
        ]
        for digit in 0...9 { keys[57399 + digit] = .character(Character("\(digit)")) }
        for number in 13...35 { keys[57376 + number - 13] = .function(number) }
        return keys
    }()
}
