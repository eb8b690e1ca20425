/// What the mouse did, as terminals tell it.
enum MouseSequence {
    /// `ESC [ < button ; column ; row M` or `m`, the form of mode 1006.
    static func sgr(_ sequence: ControlSequence) -> MouseEvent? {
        guard let button = sequence.number(0), let column = sequence.number(1),
            let row = sequence.number(2), column > 0, row > 0
        else { return nil }
        return event(
            button, at: Point(x: column - 1, y: row - 1),
            isRelease: sequence.final == UInt8(ascii: "m"))
    }

    /// The three bytes after `ESC [ M`, each 32 too large; which button went up is not told.
    static func x10(_ bytes: [UInt8]) -> MouseEvent? {
        guard bytes.count == 3, bytes.allSatisfy({ $0 >= 32 }), bytes[1] > 32, bytes[2] > 32 else {
            return nil
        }
        let button = Int(bytes[0]) - 32
        let point = Point(x: Int(bytes[1]) - 33, y: Int(bytes[2]) - 33)
        if button & 0x63 == 3 {
            return MouseEvent(.release(.left), at: point, modifiers: modifiers(button))
        }
        return event(button, at: point, isRelease: false)
    }

    private static func event(_ code: Int, at point: Point, isRelease: Bool) -> MouseEvent? {
        let held = modifiers(code)
        switch code & ~0x1C {
        case 64 where !isRelease: return MouseEvent(.scroll(-1), at: point, modifiers: held)
        case 65 where !isRelease: return MouseEvent(.scroll(1), at: point, modifiers: held)
        case 0...2, 32...34:
            guard let button = MouseEvent.Button(rawValue: code & 3) else { return nil }
            if isRelease { return MouseEvent(.release(button), at: point, modifiers: held) }
            let kind: MouseEvent.Kind = code & 32 == 0 ? .press(button) : .drag(button)
            return MouseEvent(kind, at: point, modifiers: held)
        default: return nil
        }
    }

    private static func modifiers(_ code: Int) -> KeyModifiers {
        var held: KeyModifiers = []
        if code & 4 != 0 { held.insert(.shift) }
        if code & 8 != 0 { held.insert(.alt) }
        if code & 16 != 0 { held.insert(.control) }
        return held
    }
}
