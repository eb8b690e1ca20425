/// Text made fit for a terminal, and measured in its cells.
///
/// Names, captions and error texts come from users, files and models; none of their control
/// characters may reach the terminal, where they could move the cursor or fake output.
public enum TerminalText {
    /// The text without control characters, escape codes or marks that turn its direction.
    ///
    /// C0 controls become their visible pictures (`␛`), all others `U+FFFD`. With `lines` true line
    /// feeds stay and tabs become spaces; otherwise both become one space.
    public static func sanitized(_ text: String, lines: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where lines: safe.append("\n")
            case "\n", "\t": safe.append(" ")
            case "\r": continue
            default: safe.append(isUnsafe(scalar) ? visible(scalar) : scalar)
            }
        }
        return String(safe)
    }

    /// The text without characters that cannot be typed: control characters and marks that turn its
    /// direction are left out.
    ///
    /// Tabs become spaces. Line breaks become line feeds with `lines` true, otherwise spaces.
    public static func typeable(_ text: String, lines: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var kept = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{2028}", "\u{2029}": kept.append(lines ? "\n" : " ")
            case "\t": kept.append(" ")
            default: if !isUnsafe(scalar) { kept.append(scalar) }
            }
            previous = scalar
        }
        return String(kept)
    }

    /// How many cells of a terminal the text covers, on one line.
    public static func width(_ text: String) -> Int {
        text.reduce(0) { $0 + width(of: $1) }
    }

    /// The text, or as much of it as fits with `…` at the end.
    public static func truncated(
        _ text: String, to columns: Int, ellipsis: String = "…"
    ) -> String {
        guard width(text) > columns else { return text }
        guard columns > 1 else { return columns == 1 ? ellipsis : "" }
        var kept = ""
        var used = 0
        for character in text {
            let cells = width(of: character)
            guard used + cells < columns else { break }
            kept.append(character)
            used += cells
        }
        return kept + ellipsis
    }

    /// The text in exactly this many cells: cut, or filled with spaces behind it.
    public static func padded(_ text: String, to columns: Int) -> String {
        let cut = truncated(text, to: columns)
        return cut + String(repeating: " ", count: max(0, columns - width(cut)))
    }

    /// The text broken into lines of at most this many cells, at spaces where there are any.
    public static func wrapped(_ text: String, to columns: Int) -> [String] {
        guard columns > 0 else { return [] }
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = ""
            for word in paragraph.split(separator: " ") {
                if !line.isEmpty, width(line) + 1 + width(String(word)) > columns {
                    lines.append(line)
                    line = ""
                }
                line += line.isEmpty ? String(word) : " \(word)"
                while width(line) > columns { lines.append(takeFirst(columns, from: &line)) }
            }
            lines.append(line)
        }
        return lines
    }

    /// What of a cluster every terminal draws alike, and its width in cells.
    ///
    /// Terminals and the C library disagree about joined emoji and variation selectors (a family
    /// is two cells here and six there), which shears rows; so only the first sign is kept.
    public static func displayed(_ character: Character) -> (text: String, width: Int) {
        let scalars = character.unicodeScalars
        guard scalars.count > 1, let first = scalars.first else {
            return (String(character), width(of: character))
        }
        if scalars.contains(where: { $0.value == 0x200D || $0.value == 0xFE0F }) {
            return (String(Character(first)), width(of: first))
        }
        if first.value >= 0x1F1E6, first.value <= 0x1F1FF { return (String(first), 1) }
        return (String(character), width(of: character))
    }

    /// Removes the characters that fill one line from the front of the text.
    private static func takeFirst(_ columns: Int, from line: inout String) -> String {
        var used = 0
        let head = line.prefix { character in
            used += width(of: character)
            return used <= columns
        }
        let taken = head.isEmpty ? line.prefix(1) : head
        line.removeFirst(taken.count)
        return String(taken)
    }

    /// 0, 1 or 2 cells; a cluster of several scalars is as wide as its widest one.
    private static func width(of character: Character) -> Int {
        var widest = 0
        for scalar in character.unicodeScalars {
            // Variation selector 16 asks for the wide, coloured form of a sign.
            if scalar.value == 0xFE0F { return 2 }
            widest = max(widest, width(of: scalar))
        }
        return widest
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return scalar.value < 0x20 ? 0 : 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        // Half a flag; terminals and the C library give it one cell.
        if scalar.value >= 0x1F1E6, scalar.value <= 0x1F1FF { return 1 }
        if scalar.properties.isEmojiPresentation { return 2 }
        return wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// Blocks of East Asian wide and full-width characters (Unicode's EastAsianWidth table).
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
        0xA000...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1B000...0x1B2FF, 0x20000...0x3FFFD,
    ]

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E: false
        case 0...0x9F: true
        case 0x200E, 0x200F, 0x061C, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func visible(_ control: Unicode.Scalar) -> Unicode.Scalar {
        let picture = control.value < 0x20 ? Unicode.Scalar(0x2400 + control.value) : nil
        return picture ?? "\u{FFFD}"
    }
}
