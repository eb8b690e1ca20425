/// The bytes that tell a terminal to do something, as text.
enum TerminalCommands {
    /// What the app switches on besides the screen itself: pastes in brackets, focus, mouse.
    static let entering =
        "\u{1B}[?2004h\u{1B}[?1004h\u{1B}[?1000h\u{1B}[?1002h\u{1B}[?1006h"

    /// The same, off.
    static let leaving =
        "\u{1B}[?1006l\u{1B}[?1002l\u{1B}[?1000l\u{1B}[?1004l\u{1B}[?2004l"

    /// Changes between these two are shown at once.
    static let beginUpdate = "\u{1B}[?2026h"
    static let endUpdate = "\u{1B}[?2026l"

    static let hideCursor = "\u{1B}[?25l"
    static let showCursor = "\u{1B}[?25h"

    /// The bytes of a picture, its lines each in its place; the cursor and its colours stay.
    static func picture(_ picture: FramePicture) -> [UInt8] {
        var bytes: [UInt8] = [0x1B, UInt8(ascii: "7")]
        for (down, line) in picture.lines.enumerated() {
            bytes += "\u{1B}[\(picture.rect.y + down + 1);\(picture.rect.x + 1)H".utf8
            bytes += line
        }
        bytes += [0x1B, UInt8(ascii: "8")]
        return bytes
    }

    /// The longest text, in base64, that terminals take as clipboard.
    static let longestClipboard = 74_994

    /// Puts the text on the clipboard (OSC 52); `nil` when it is too long.
    ///
    /// tmux is told twice: itself, which counts with `set-clipboard on`, and the terminal around
    /// it, which counts with `allow-passthrough on`.
    static func copy(_ text: String, insideTmux: Bool) -> [UInt8]? {
        let bytes = Array(text.utf8)
        guard Base64.length(bytes.count) <= longestClipboard else { return nil }
        let command = Array("\u{1B}]52;c;".utf8) + Base64.encode(bytes) + [0x07]
        return insideTmux ? command + passedThrough(command) : command
    }

    /// The window's title (OSC 2).
    static func title(_ text: String) -> String {
        "\u{1B}]2;\(TerminalText.sanitized(text))\u{1B}\\"
    }

    /// Bytes for the terminal around tmux.
    static func passedThrough(_ bytes: [UInt8]) -> [UInt8] {
        var wrapped = Array("\u{1B}Ptmux;".utf8)
        for byte in bytes {
            if byte == 0x1B { wrapped.append(byte) }
            wrapped.append(byte)
        }
        return wrapped + [0x1B, UInt8(ascii: "\\")]
    }
}
